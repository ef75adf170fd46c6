using Poc.MailSink;

await MailSinkApp.Build(args).RunAsync();
