return await Poc.Verify.VerifyCommand.RunAsync(args, Console.Out, Console.Error);
