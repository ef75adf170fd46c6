await Poc.Intake.IntakeHost.Build(args).RunAsync();
