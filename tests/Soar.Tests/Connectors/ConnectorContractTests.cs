using System.Reflection;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;

namespace Soar.Tests.Connectors;

/// <summary>What every connector owes the engine, whatever its product. The worked example of the manual is held to the same.</summary>
public sealed class ConnectorContractTests
{
    private static readonly ActionCatalog Catalog = new(typeof(HttpConnector).Assembly, typeof(ConnectorContractTests).Assembly);

    private static readonly Type[] Types =
        [.. typeof(HttpConnector).Assembly.GetExportedTypes().Append(typeof(WorkedExample.SirenConnector)).Where(type => type.IsDefined(typeof(ConnectorAttribute)))];

    public static IEnumerable<TheoryDataRow<Type>> All => Types.Select(type => new TheoryDataRow<Type>(type));

    private static Type SettingsOf(Type type) => type.GetConstructors().Single().GetParameters()[0].ParameterType;

    private static IConnector Make(Type type, object? settings = null) =>
        (IConnector)Activator.CreateInstance(type, settings ?? Activator.CreateInstance(SettingsOf(type)), Given.Services(folder: "/does/not/exist"))!;

    private static IEnumerable<CapabilityDescriptor> CapabilitiesOf(Type type) => Catalog.Capabilities.Where(capability => capability.Type.IsAssignableFrom(type));

    [Theory]
    [MemberData(nameof(All))]
    public void Its_shape_is_what_the_registry_expects(Type type)
    {
        Assert.True(type.IsSealed);
        var parameters = Assert.Single(type.GetConstructors()).GetParameters();
        Assert.Equal(typeof(ConnectorServices), parameters[1].ParameterType);
        Assert.NotNull(SettingsOf(type).GetConstructor(Type.EmptyTypes));
        Assert.True(typeof(IValidatedSettings).IsAssignableFrom(SettingsOf(type)));
        Assert.NotEmpty(CapabilitiesOf(type));
        Assert.NotEmpty(type.GetCustomAttribute<ConnectorAttribute>()!.Summary);
        Assert.Single(Types, other => other.GetCustomAttribute<ConnectorAttribute>()!.Type == type.GetCustomAttribute<ConnectorAttribute>()!.Type);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_setting_is_described_and_none_is_required_so_that_a_simulated_instance_needs_nothing(Type type)
    {
        foreach (var property in Properties(SettingsOf(type)))
        {
            Assert.True(property.GetCustomAttribute<SettingAttribute>()?.Summary.Length > 10, $"{property.DeclaringType!.Name}.{property.Name} has no [Setting]");
            Assert.False(property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)), property.Name);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Problems_begin_with_the_name_of_a_setting(Type type)
    {
        var names = Properties(SettingsOf(type)).Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToHashSet();
        var problems = ((IValidatedSettings)Activator.CreateInstance(SettingsOf(type))!).Problems().ToList();
        Assert.All(problems, problem => Assert.Contains(problem[..problem.IndexOf(':')].Split('.')[^1], names));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Its_simulator_answers_every_action_through_JSON_without_touching_anything(Type type)
    {
        await using var connector = Make(type);
        foreach (var capability in CapabilitiesOf(type))
        {
            Assert.IsAssignableFrom(capability.Type, connector.Simulator);
            foreach (var action in capability.Actions)
            {
                var result = await action.InvokeAsync(connector.Simulator, Arguments(action), Given.Context(), CancellationToken.None);
                using var document = JsonDocument.Parse(result);
                Assert.Equal(action.ResultType is null, document.RootElement.ValueKind == JsonValueKind.Null);
                var (answer, _, _) = await action.ProbeAsync(connector.Simulator, Arguments(action), Given.Context(), CancellationToken.None);
                Assert.NotEqual(ProbeAnswer.Present, answer); // nothing was done, so nothing is there
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_effect_says_how_it_is_undone_and_settled(Type type)
    {
        foreach (var action in CapabilitiesOf(type).SelectMany(capability => capability.Actions))
        {
            if (action.Effect is Effect.Contains or Effect.Destroys or Effect.Notifies)
                Assert.True(action.Inverse is not null || action.Declared.NoInverse is { Length: > 0 }, action.Id);
            if (action.Effect == Effect.Contains)
            {
                Assert.NotNull(action.Probe);
                Assert.Contains(action.Parameters, parameter => parameter.IsTarget);
                Assert.Contains(action.Parameters, parameter => parameter.IsLeaseTime);
                Assert.Equal(Effect.Lifts, action.Inverse!.Effect);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_test_of_the_connection_that_fails_says_why_and_throws_nothing(Type type)
    {
        object settings = type.Name switch
        {
            "HttpConnector" => new HttpSettings { Address = new Uri("http://127.0.0.1:1/") },
            "SmtpConnector" => new Soar.Connectors.Smtp.SmtpSettings { Host = "127.0.0.1", Port = 1, From = EmailAddress.Parse("a@b.example") },
            "RdapConnector" => new Soar.Connectors.Rdap.RdapSettings { BaseAddress = new Uri("http://127.0.0.1:1/") },
            "NftablesConnector" => new Soar.Connectors.Nftables.NftablesSettings { Command = ["/does/not/exist"] },
            "LocalIndicatorsConnector" => new Soar.Connectors.LocalIndicators.LocalIndicatorsSettings { Files = ["nowhere.csv"] },
            "GitHubConnector" => new Soar.Connectors.GitHub.GitHubSettings { Address = new Uri("http://127.0.0.1:1/"), Token = new Secret("t"), Repository = "cert/incidents" },
            "JiraConnector" => new Soar.Connectors.Jira.JiraSettings { Address = new Uri("http://127.0.0.1:1/"), User = "u", Token = new Secret("t"), Project = "SOC" },
            "RequestTrackerConnector" => new Soar.Connectors.RequestTracker.RequestTrackerSettings { Address = new Uri("http://127.0.0.1:1/"), Token = new Secret("t"), Queue = "q" },
            "ClamdConnector" => new Soar.Connectors.Clamd.ClamdSettings { Host = "127.0.0.1", Port = 1 },
            "LdapConnector" => new Soar.Connectors.Ldap.LdapSettings { Host = "127.0.0.1", Port = 1 },
            "ActiveDirectoryConnector" => new Soar.Connectors.ActiveDirectory.ActiveDirectorySettings { Host = "127.0.0.1", Port = 1 },
            "BlockListConnector" => new Soar.Connectors.BlockList.BlockListSettings { Port = 1 },
            "OpnSenseConnector" => new Soar.Connectors.OpnSense.OpnSenseSettings { Address = new Uri("http://127.0.0.1:1/"), Key = new Secret("k"), Secret = new Secret("s") },
            "PanosConnector" => new Soar.Connectors.Panos.PanosSettings { Address = new Uri("http://127.0.0.1:1/"), ApiKey = new Secret("k") },
            "RpzConnector" => new Soar.Connectors.Rpz.RpzSettings { Server = "127.0.0.1", Port = 1 },
            "UnboundConnector" => new Soar.Connectors.Unbound.UnboundSettings { Command = ["/does/not/exist"] },
            "YaraConnector" => new Soar.Connectors.Yara.YaraSettings { Rules = "/does/not/exist" },
            _ => new WorkedExample.SirenSettings { Host = "siren.example" },
        };
        await using var connector = Make(type, settings);
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(type == typeof(WorkedExample.SirenConnector) || !test.Ok);
        Assert.True(test.Message.Length > 10);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Settings_never_print_a_secret(Type type)
    {
        var settings = Activator.CreateInstance(SettingsOf(type))!;
        foreach (var property in Properties(SettingsOf(type)).Where(property => property.PropertyType == typeof(Secret) && property.DeclaringType == settings.GetType()))
            property.SetValue(settings, new Secret("hunter2"));
        Assert.DoesNotContain("hunter2", settings.ToString());
        Assert.All(Properties(SettingsOf(type)).Where(property => property.PropertyType != typeof(bool) && (property.Name.Contains("Password", StringComparison.Ordinal) || property.Name.Contains("Token", StringComparison.Ordinal))),
            property => Assert.Equal(typeof(Secret), property.PropertyType));
    }

    [Fact]
    public void The_manual_holds_every_connector_every_setting_and_the_worked_example_as_it_compiles()
    {
        var root = Root();
        Assert.SkipWhen(root is null, "the tests do not run from a checkout");
        var manual = File.ReadAllText(Path.Combine(root!, "engine/docs/connectors.md"));
        var missing = new List<string>();
        foreach (var type in Types.Where(type => type.Assembly == typeof(HttpConnector).Assembly))
        {
            var declared = type.GetCustomAttribute<ConnectorAttribute>()!;
            missing.AddRange(new[] { $"### `{declared.Type}`", $"Proven against: {declared.Proven}." }
                .Concat(Rows(SettingsOf(type), "")).Where(line => !manual.Contains(line, StringComparison.Ordinal)));
        }
        var source = File.ReadAllText(Path.Combine(root!, "tests/Soar.Tests/Connectors/WorkedExample.cs"));
        var example = source[(source.IndexOf("// <example>", StringComparison.Ordinal) + 13)..source.IndexOf("// </example>", StringComparison.Ordinal)];
        if (!manual.Contains(example, StringComparison.Ordinal))
            missing.Add("the worked example of WorkedExample.cs");
        Assert.True(missing.Count == 0, "engine/docs/connectors.md lacks:\n" + string.Join("\n", missing));
    }

    private static IEnumerable<string> Rows(Type settings, string prefix)
    {
        foreach (var property in settings.GetProperties().Where(property => property.SetMethod is not null))
        {
            var name = prefix + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            yield return $"| `{name}` | {property.GetCustomAttribute<SettingAttribute>()!.Summary} |";
            if (property.PropertyType == typeof(Soar.Connectors.Nftables.SshSettings) || Named(property) is not null)
                foreach (var row in Rows(Named(property) ?? property.PropertyType, Named(property) is null ? name + "." : name + ".<name>."))
                    yield return row;
        }
    }

    private static IEnumerable<PropertyInfo> Properties(Type settings) => settings.GetProperties().Where(property => property.SetMethod is not null)
        .SelectMany(property => (Named(property) ?? property.PropertyType) is var type && type.Assembly == settings.Assembly && type.IsClass ? Properties(type).Prepend(property) : [property]);

    /// <summary>The settings that a property holds by name, as a block list holds its lists; null for any other property.</summary>
    private static Type? Named(PropertyInfo property) => property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
        && type.GetGenericArguments()[1].Assembly == property.DeclaringType!.Assembly ? type.GetGenericArguments()[1] : null;

    private static JsonElement Arguments(ActionDescriptor action) => JsonSerializer.SerializeToElement(action.Parameters.Where(parameter => !parameter.MayBeEmpty).ToDictionary(parameter => parameter.Name, Argument), SoarJson.Options);

    private static object? Argument(ActionParameter parameter) => parameter.Type switch
    {
        var type when type == typeof(IpAddress) => IpAddress.Parse("203.0.113.66"),
        var type when type == typeof(TimeSpan) => TimeSpan.FromHours(1),
        var type when type == typeof(DomainName) => DomainName.Parse("www.evil.example"),
        var type when type == typeof(bool) => true,
        var type when type == typeof(TicketStatus) => TicketStatus.Resolved,
        var type when type.IsEnum => Enum.GetValues(type).GetValue(0),
        var type when type == typeof(EmailAddress) => EmailAddress.Parse("abuse@isp.example"),
        var type when type == typeof(Text) => "text",
        var type when type == typeof(Artifact) => new Artifact(new string('0', 64), 3, "sample.bin", "application/octet-stream"),
        var type when type == typeof(Observable) => new Observable("ip", "203.0.113.66"),
        var type when type == typeof(JsonElement) => JsonSerializer.SerializeToElement(new { a = 1 }),
        var type when type == typeof(NetworkOwner) => new NetworkOwner
        {
            Address = IpAddress.Parse("203.0.113.66"), Name = "ISP", Handle = "H", Network = "203.0.113.0/24", AbuseContacts = [EmailAddress.Parse("abuse@isp.example")], Registry = "https://rdap.invalid/",
        },
        _ => parameter.Name switch { "template" => "intrusion", "ticket" => "SIMULATED-1", _ => "value" },
    };

    private static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Soar.sln")))
                return folder.FullName;
        return null;
    }
}
