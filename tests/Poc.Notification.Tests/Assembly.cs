using Poc.Notification.Tests;

// The tests share one running service and tell their own people, subjects and decisions apart by ids of their own.
[assembly: AssemblyFixture(typeof(SharedStack))]
