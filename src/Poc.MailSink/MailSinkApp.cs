using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.Kernel;

namespace Poc.MailSink;

/// <summary>The mail sink as a whole: SMTP in, files on disk, HTTP out.</summary>
public static class MailSinkApp
{
    /// <exception cref="ValidationException">A setting is out of range.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        configure?.Invoke(builder);

        var options = builder.Configuration.GetSection("MailSink").Get<MailSinkOptions>() ?? new MailSinkOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IdSource>();
        builder.Services.AddSingleton<Refusals>();
        builder.Services.AddSingleton(services => new MailFolder(
            FolderOf(options, builder.Environment),
            services.GetRequiredService<IdSource>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<MailFolder>>()));
        builder.Services.AddSingleton<SmtpServer>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<SmtpServer>());
        builder.Services.AddHealthChecks().Add(
            new HealthCheckRegistration("smtp", static services => services.GetRequiredService<SmtpServer>(), HealthStatus.Unhealthy, ["ready"]));

        var app = builder.Build();
        app.MapDefaultEndpoints();
        MailPages.Map(app);
        return app;
    }

    internal static string FolderOf(MailSinkOptions options, IHostEnvironment environment)
    {
        if (!string.IsNullOrWhiteSpace(options.Folder))
        {
            return Path.GetFullPath(options.Folder, environment.ContentRootPath);
        }

        var checkout = new DirectoryInfo(environment.ContentRootPath);
        while (checkout is not null && !File.Exists(Path.Combine(checkout.FullName, "Poc.sln")))
        {
            checkout = checkout.Parent;
        }

        return Path.Combine(checkout?.FullName ?? environment.ContentRootPath, ".poc", "mail");
    }
}
