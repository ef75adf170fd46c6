using Poc.Review;
using Poc.Review.Protocols;

try
{
    var app = await ReviewHost.BuildAsync(args);
    await app.RunAsync();
    return 0;
}
catch (ProtocolException problem)
{
    // Somebody has to read this and mend a file: no stack trace in front of it.
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
