using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private (SoarSettings Settings, ConnectorRegistry Registry) Read(string yaml)
    {
        var registry = new ConnectorRegistry(new ActionCatalog(), Assembly.GetExecutingAssembly());
        var settings = SettingsFile.Read(folder.File("soar.yaml", yaml), registry,
            name => new ConnectorServices(name, TimeProvider.System, NullLogger.Instance, new Templates(folder.Path), folder.Path));
        return (settings, registry);
    }

    private string Error(string yaml) => Assert.Throws<SoarException>(() => Read(yaml)).Message;

    [Fact]
    public void Every_problem_is_reported_at_once_with_its_line()
    {
        var message = Error("""
            approvels: [contains]
            hosts: many
            connectors:
              a:
                type: fake
                endpoint: not a url
                timeout: 5 parsecs
              b:
                type: fke
            """);
        Assert.Contains(":1: approvels is not a setting here. Did you mean 'approvals'?", message);
        Assert.Contains(":2: hosts is 'many' but must be a whole number", message);
        Assert.Contains(":6: connectors.a.endpoint is 'not a url' but must be a URL", message);
        Assert.Contains(":7: connectors.a.timeout is '5 parsecs' but must be a duration", message);
        Assert.Contains(":5: connectors.a.account is missing. Who logs in.", message);
        Assert.Contains("connectors.b.type 'fke' is not a connector. Did you mean 'fake'?", message);
    }

    [Theory]
    [InlineData("hosts: 0", "soar.yaml:1: hosts: 0 is not between 1 and 64")]
    [InlineData("jail: require\nhosts: -1", "soar.yaml:2: hosts: -1 is not between 1 and 64")]
    [InlineData("hosts: 500", "hosts: 500 is not between 1 and 64")]
    [InlineData("roles: { shift-lead: [] }", "roles: shift-lead is held by nobody")]
    [InlineData("language: xx", "language is not a setting here")]
    [InlineData("hosts: 1\nconnectors:\n  ? [a, b]\n  : { type: fake }", "soar.yaml:3: a list stands where a name is expected")]
    [InlineData("connectors:\n  a: { type: fake, ? { x: y } : z }", "a set of fields stands where a name is expected")]
    [InlineData("? [hosts]\n: 1", "soar.yaml:1: a list stands where a name is expected")]
    [InlineData("connectors:\n  - edge:\n      type: fake", "soar.yaml:2: connectors must be names, each with its fields below it and no dash before it")]
    [InlineData("mime: yes", "soar.yaml:1: mime is 'yes' but must be a block of fields below it, for example ")]
    public void What_no_deployment_can_mean_is_refused_with_its_line(string yaml, string said) => Assert.Contains(said, Error(yaml));

    [Fact]
    public void Clearance_and_rate_are_settings_of_every_instance_and_told_when_wrong()
    {
        var (_, registry) = Read("""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", clearance: amber+strict, rate: 4/m burst 1 }
              b: { type: fake, account: x, endpoint: "https://a.example", simulated: true, rate: 4/m }
            """);
        var terms = registry.Terms("Intel", "a");
        Assert.Equal((Tlp.AmberStrict, "4/m burst 1", true), (terms.Clearance, terms.Pace!.Rate.ToString(), terms.OwnRate));
        Assert.Null(registry.Terms("Intel", "b").Pace); // nothing is reached, nothing waits
        var message = Error("""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", clearance: pink, rate: often }
              b: { type: fake, account: x, endpoint: "https://a.example", clearence: red }
            """);
        Assert.Contains("connectors.a.clearance is 'pink' but must be clear, green, amber, amber+strict or red", message);
        Assert.Contains("connectors.a.rate is 'often' but must be a rate such as 10/s", message);
        Assert.Contains("connectors.b.clearence is not a setting here. Did you mean 'clearance'?", message);
    }

    [Fact]
    public void A_secret_too_short_to_be_masked_is_refused_by_its_field_and_not_shown()
    {
        var (five, six) = (folder.File("five", "hunt2\n"), folder.File("six", "hunte2\n"));
        Environment.SetEnvironmentVariable("SOAR_TEST_SHORT_SECRET", "hunt2");
        var message = Error($$"""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", password: "file:{{five}}" }
              b: { type: fake, account: x, endpoint: "https://a.example", password: env:SOAR_TEST_SHORT_SECRET }
            """);
        Assert.Contains(":2: connectors.a.password refers to a secret of fewer than 6 characters", message);
        Assert.Contains(":3: connectors.b.password refers to a secret of fewer than 6 characters", message);
        Assert.DoesNotContain("hunt2", message);
        var (_, registry) = Read($$"""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", password: "file:{{six}}" }
            """);
        Assert.Equal("no ••• here", registry.Terms("Intel", "a").Mask.Text("no hunte2 here"));
    }

    [Fact]
    public void What_a_connector_says_or_logs_is_masked_with_its_instances_secrets()
    {
        var file = folder.File("password", "hunter2-hunter2");
        var (_, registry) = Read($$"""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", password: "file:{{file}}" }
            """);
        Assert.Equal("no ••• here", registry.Terms("Intel", "a").Mask.Text("no hunter2-hunter2 here"));
    }

    [Fact]
    public void A_secret_in_the_file_is_refused_and_not_repeated()
    {
        var message = Error("""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", password: hunter2 }
            """);
        Assert.Contains("connectors.a.password is a secret and must not stand in the file", message);
        Assert.DoesNotContain("hunter2", message);
    }

    [Fact]
    public void A_secret_comes_from_a_file_and_never_prints()
    {
        folder.File("pass.txt", "s3cret\n");
        var (_, registry) = Read("""
            connectors:
              a: { type: fake, account: x, endpoint: "https://a.example", password: "file:pass.txt", timeout: 1m30s }
            """);
        var settings = ((FakeConnector)registry.Instances.Single().Connector).Settings;
        Assert.Equal("s3cret", settings.Password!.Reveal());
        Assert.DoesNotContain("s3cret", settings.ToString());
        Assert.Equal(TimeSpan.FromSeconds(90), settings.Timeout);
    }

    [Fact]
    public void The_default_instance_comes_first_and_a_simulated_one_answers_with_its_simulator()
    {
        var (_, registry) = Read("""
            connectors:
              one: { type: fake, account: x, endpoint: "https://a.example" }
              two: { type: fake, account: x, endpoint: "https://a.example", default: true, simulated: true }
            """);
        Assert.Equal(["two", "one"], registry.Names("Intel"));
        Assert.IsType<FakeConnector>(registry.Find("intel", "one", simulated: false));
        Assert.Equal("simulator", registry.Find("intel", "two", simulated: false));
        Assert.Null(registry.Find("Intel", "three", simulated: false));
        Assert.Null(registry.Find("Firewall", "one", simulated: false));
    }

    [Fact]
    public void What_a_connector_itself_finds_wrong_is_reported_by_field()
    {
        Assert.Contains("connectors.a.account must not be root", Error("""
            connectors:
              a: { type: fake, account: root, endpoint: "https://a.example" }
            """));
    }

    [Fact]
    public void What_a_connector_finds_wrong_is_told_with_everything_else_at_the_line_of_its_own_field()
    {
        var message = Error("""
            hosts: 0
            jail: perhaps
            connectors:
              a:
                type: ranged
                endpoint: nowhere
                port: 99999
                timeout: 5 parsecs
                inner:
                  size: 0
              b:
                type: ranged

                port: 0
            """);
        Assert.Contains(":1: hosts: 0 is not between 1 and 64", message);
        Assert.Contains(":2: jail is 'perhaps'", message);
        Assert.Contains(":6: connectors.a.endpoint is 'nowhere' but must be a URL", message);
        Assert.Contains(":7: connectors.a.port: 99999 is no TCP port", message);
        Assert.Contains(":8: connectors.a.timeout is '5 parsecs'", message);
        Assert.Contains(":10: connectors.a.inner.size: 0 is too small", message);
        Assert.Contains(":14: connectors.b.port: 0 is no TCP port", message);
        Assert.Contains("connectors.b.endpoint: is missing", message);
        // What could not be read is not said to be missing as well.
        Assert.DoesNotContain("connectors.a.endpoint: is missing", message);
        Assert.Equal(8, message.Split('\n').Length - 1);
    }

    [Fact]
    public void Only_one_instance_of_a_capability_can_be_the_default_and_both_lines_are_named()
    {
        var message = Error("""
            connectors:
              one: { type: fake, account: x, endpoint: "https://a.example" }
              two:
                type: fake
                default: true
                account: x
                endpoint: "https://a.example"
              three: { type: fake, simulated: true, default: true }
            """);
        Assert.Contains("soar.yaml:8: connectors.three.default is true, and so is connectors.two.default in line 5: both bring Intel", message);
        Assert.Equal(["two", "one"], Read("""
            connectors:
              one: { type: fake, account: x, endpoint: "https://a.example", default: false }
              two: { type: fake, account: x, endpoint: "https://a.example", default: true }
              port: { type: ranged, endpoint: "https://a.example", default: true }
            """).Registry.Names("Intel"));
    }

    [Fact]
    public void A_file_that_is_not_YAML_names_the_line() => Assert.Contains("soar.yaml:2: this is not YAML", Error("a: 1\n b: [\n"));

    [Fact]
    public void Aliases_of_aliases_that_would_fill_all_memory_are_refused_at_once()
    {
        var bomb = string.Join("\n", Enumerable.Range(1, 12).Select(n => $"a{n}: &a{n} [{string.Join(", ", Enumerable.Repeat($"*a{n - 1}", 9))}]").Prepend("a0: &a0 [x, x, x, x, x, x, x, x, x]"));
        Assert.Contains("with its aliases written out", Error(bomb));
    }

    [Theory]
    [InlineData("approvals: &a [*a]", "soar.yaml:1: '*a' stands inside what it names")]
    [InlineData("hosts: 2\nconnectors:\n  e: &e { type: fake, more: *e }", "soar.yaml:3: '*e' stands inside what it names")]
    public void A_value_that_holds_itself_is_refused_with_its_line(string yaml, string said) => Assert.Contains(said, Error(yaml));

    [Fact]
    public void Brackets_in_brackets_without_end_are_refused() =>
        Assert.Contains("lie in one another", Error($"approvals: {new string('[', 20_000)}{new string(']', 20_000)}"));

    [Fact]
    public void A_second_document_is_refused_since_nothing_would_read_it() =>
        Assert.Contains("soar.yaml:2: a second document", Error("approvals: [contains]\n---\napprovals: [destroys]"));

    [Fact]
    public void A_value_may_still_be_written_once_and_used_twice() =>
        Assert.Equal(["ann"], Read("roles: { lead: &lead [ann], deputy: *lead }").Settings.Roles["deputy"]);

    [Fact]
    public void A_bracket_that_is_never_closed_is_told() => Assert.Contains("this is not YAML", Error("approvals: [contains\n"));

    [Fact]
    public void An_empty_file_means_defaults()
    {
        var (settings, registry) = Read("");
        Assert.Equal([Effect.Contains, Effect.Destroys], settings.Approvals);
        Assert.Empty(registry.Instances);
    }
}

public sealed record FakeSettings : IValidatedSettings
{
    [Setting("Who logs in.")] public required string Account { get; init; }
    [Setting("Where.")] public required Uri Endpoint { get; init; }
    [Setting("Password.")] public Secret? Password { get; init; }
    [Setting("How long to wait. Default 30 s.")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public IEnumerable<string> Problems()
    {
        if (Account == "root") yield return "account must not be root";
    }
}

[Connector("fake", "For tests.")]
public sealed class FakeConnector(FakeSettings settings, ConnectorServices services) : IConnector, IIntel
{
    public FakeSettings Settings => settings;
    public object Simulator => "simulator";
    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => Task.FromResult(new ConnectorTest(true, services.Instance));
    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(new IntelReport(services.Instance, Verdict.Unknown, ""));
    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => Task.FromResult(new IntelReport(services.Instance, Verdict.Unknown, ""));
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed record RangedSettings : IValidatedSettings
{
    [Setting("Where.")] public Uri? Endpoint { get; init; }
    [Setting("Port. Default 443.")] public int Port { get; init; } = 443;
    [Setting("How long to wait. Default 30 s.")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
    [Setting("More.")] public RangedInner Inner { get; init; } = new();

    public IEnumerable<string> Problems()
    {
        if (Endpoint is null) yield return "endpoint: is missing";
        if (Port is < 1 or > 65535) yield return $"port: {Port} is no TCP port";
        if (Inner.Size < 1) yield return $"inner.size: {Inner.Size} is too small";
    }
}

public sealed record RangedInner
{
    [Setting("Size. Default 1.")] public int Size { get; init; } = 1;
}

[Connector("ranged", "For tests: settings with ranges, and no capability.")]
public sealed class RangedConnector(RangedSettings settings, ConnectorServices services) : IConnector
{
    public object Simulator => settings;
    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => Task.FromResult(new ConnectorTest(true, services.Instance));
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
