return await Poc.Witness.WitnessCommand.RunAsync(args, Console.Out, Console.Error);
