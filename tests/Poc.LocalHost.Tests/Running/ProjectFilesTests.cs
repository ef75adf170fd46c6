using Poc.LocalHost.Running;
using Poc.LocalHost.Tests.Samples;

namespace Poc.LocalHost.Tests.Running;

public sealed class ProjectFilesTests
{
    [Fact]
    public void Names_several_Kestrel_endpoints_of_a_scheme_as_the_settings_do()
    {
        using var project = SampleProject.In(TestStack.NewFolder(),
            """{"Kestrel":{"Endpoints":{"grpc":{"Url":"http://localhost:5101","Protocols":"Http2"},"web":{"Url":"http://localhost:5102"}}}}""",
            """{"profiles":{"a":{"commandName":"Project","applicationUrl":"http://localhost:1"}}}""");
        var files = ProjectFiles.Read(project);
        Assert.Equal([new("grpc", "http", 5101), new("web", "http", 5102)], files.Endpoints);
        Assert.True(files.HasKestrelEndpoints);
    }

    [Fact]
    public void Names_the_only_Kestrel_endpoint_of_a_scheme_after_the_scheme()
    {
        using var project = SampleProject.In(TestStack.NewFolder(), """{"Kestrel":{"Endpoints":{"web":{"Url":"http://localhost:5142"},"safe":{"Url":"https://*:0"}}}}""");
        Assert.Equal([new("https", "https", null), new("http", "http", 5142)], ProjectFiles.Read(project).Endpoints);
    }

    [Fact]
    public void Reads_the_first_profile_that_runs_the_project()
    {
        using var project = SampleProject.In(TestStack.NewFolder(), launchSettings:
            """
            {
              // Comments are allowed in this file.
              "profiles": {
                "docker": { "commandName": "Docker", "environmentVariables": { "A": "docker" } },
                "plain": { "commandName": "Project", "applicationUrl": "https://localhost:3;http://localhost:1;http://localhost:2", "environmentVariables": { "A": "plain" }, },
              }
            }
            """);
        var files = ProjectFiles.Read(project);
        Assert.Equal([new("https", "https", 3), new("http", "http", 1), new("http2", "http", 2)], files.Endpoints);
        Assert.Equal("plain", files.LaunchEnvironment["A"]);
        Assert.False(files.HasKestrelEndpoints);
    }

    [Fact]
    public void Finds_nothing_where_the_files_say_nothing()
    {
        using var project = SampleProject.In(TestStack.NewFolder());
        var files = ProjectFiles.Read(project);
        Assert.Empty(files.Endpoints);
        Assert.Empty(files.LaunchEnvironment);
    }
}
