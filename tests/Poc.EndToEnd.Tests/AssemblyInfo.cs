using Xunit.Sdk;
using Xunit.v3;

// A whole stack is running in each of these tests: two at a time would be a test of the machine.
[assembly: Parallelization(Mode = ParallelMode.None)]
