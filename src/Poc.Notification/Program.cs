using Poc.Notification;

var builder = WebApplication.CreateBuilder(args);
builder.AddNotification();
var app = builder.Build();
app.MapNotification();
await app.RunAsync();
