using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Xunit;

namespace Soar.Testing.Contract;

public abstract partial class ConnectorSuite<TConnector, TSettings, TOther>
{
    [Fact]
    public void Its_shape_is_what_the_registry_expects()
    {
        Assert.True(typeof(TConnector).IsSealed && typeof(TConnector).IsPublic);
        var parameters = Assert.Single(typeof(TConnector).GetConstructors()).GetParameters();
        Assert.Equal([typeof(TSettings), typeof(ConnectorServices)], parameters.Select(parameter => parameter.ParameterType));
        Assert.NotEmpty(Actions);
        var declared = typeof(TConnector).GetCustomAttribute<ConnectorAttribute>()!;
        Assert.Matches("^[a-z][a-z0-9-]*$", declared.Type);
        Assert.NotEmpty(declared.Summary);
        Assert.True(declared.Rate.Length == 0 || Rate.TryParse(declared.Rate, out _), $"'{declared.Rate}' is no rate");
    }

    [Fact]
    public void Every_setting_is_described_and_none_is_required_so_that_a_simulated_instance_needs_nothing()
    {
        foreach (var property in Fields(typeof(TSettings)))
        {
            Assert.True(property.GetCustomAttribute<SettingAttribute>()?.Summary.Length > 10, $"{property.DeclaringType!.Name}.{property.Name} has no [Setting]");
            Assert.False(property.IsDefined(typeof(RequiredMemberAttribute)), $"{property.Name} must not be required: Problems() says what is missing");
        }

        // These belong to every instance and never reach the connector.
        Assert.Empty(typeof(TSettings).GetProperties().Select(property => property.Name).Intersect(["Type", "Default", "Simulated", "Clearance", "Rate"]));
    }

    [Fact]
    public async Task Good_settings_have_no_problem_and_each_wrong_one_is_named_by_its_field()
    {
        await using var other = Double();
        var good = Settings(other);
        Assert.Empty(good.Problems());
        var wrong = Wrong(good).ToList();
        Assert.NotEmpty(wrong);
        foreach (var (settings, field) in wrong)
        {
            var problem = settings.Problems().FirstOrDefault(found => found.StartsWith(field + ": ", StringComparison.Ordinal));
            Assert.True(problem?.Length > field.Length + 10, $"{field}: no problem names it. There are: {string.Join(" | ", settings.Problems())}");
        }
    }

    [Fact]
    public void Empty_settings_break_nothing_and_their_problems_name_fields()
    {
        var names = Fields(typeof(TSettings)).Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToHashSet();
        Assert.All(new TSettings().Problems(), problem => Assert.Contains(problem[..problem.IndexOf(':')].Split('.')[^1], names));
    }

    [Fact]
    public async Task Every_secret_is_of_the_type_that_does_not_print()
    {
        await using var other = Double();
        var settings = Settings(other);
        Assert.DoesNotContain(Canary.Reveal(), settings.ToString());
        foreach (var (property, owner) in Held(settings))
        {
            if (property.PropertyType == typeof(Secret)) Assert.True(property.GetValue(owner) is null || ReferenceEquals(property.GetValue(owner), Canary), $"{property.Name} must be Canary in the suite's settings");
            foreach (var word in new[] { "Password", "Token", "Secret", "ApiKey", "Passphrase" })
                if (property.Name.EndsWith(word, StringComparison.Ordinal) && property.PropertyType != typeof(bool)) Assert.Equal(typeof(Secret), property.PropertyType);
        }
    }

    [Fact]
    public void Every_effect_says_how_it_is_undone_and_settled()
    {
        foreach (var action in Actions)
        {
            if (action.Effect is Effect.Contains or Effect.Destroys or Effect.Notifies or Effect.Records)
                Assert.True(action.Inverse is not null || action.Declared.NoInverse is { Length: > 10 }, $"{action.Id} has no inverse and does not say why");
            Assert.True(action.Declared.TimeoutSeconds > 0 && action.Declared.Attempts > 0, action.Id);
            Assert.True(action.Declared.Rate.Length == 0 || Rate.TryParse(action.Declared.Rate, out _), $"{action.Id}: '{action.Declared.Rate}' is no rate");
            if (action.Effect != Effect.Contains) continue;
            Assert.NotNull(action.Probe);
            Assert.Contains(action.Parameters, parameter => parameter.IsTarget);
            Assert.Contains(action.Parameters, parameter => parameter.IsLeaseTime);
            Assert.Equal(Effect.Lifts, action.Inverse!.Effect);
        }
    }

    [Fact]
    public async Task Its_simulator_answers_every_action_through_JSON_without_settings_and_touches_nothing()
    {
        await using var connector = Connector(new TSettings(), "/does/not/exist");
        foreach (var action in Actions)
        {
            Assert.True(action.Capability.Type.IsInstanceOfType(connector.Simulator), $"its simulator does not implement {action.Capability.Name}");
            if (Unsupported(action) is not null) continue;
            var result = await action.InvokeAsync(connector.Simulator, Values.Arguments(action, Argument), Given.Context(Key, Values.Artifacts), CancellationToken.None);
            using var document = JsonDocument.Parse(result);
            Assert.Equal(action.ResultType is null, document.RootElement.ValueKind == JsonValueKind.Null);
            var (answer, _, _) = await action.ProbeAsync(connector.Simulator, Values.Arguments(action, Argument), Given.Context(Key, Values.Artifacts), CancellationToken.None);
            Assert.NotEqual(ProbeAnswer.Present, answer); // nothing was done, so nothing is there
        }
    }

    private static IEnumerable<PropertyInfo> Fields(Type settings) => settings.GetProperties().Where(property => property.SetMethod is not null)
        .SelectMany(property => Inner(property.PropertyType) is { } inner ? Fields(inner).Prepend(property) : [property]);

    private static IEnumerable<(PropertyInfo Property, object Owner)> Held(object settings) => settings.GetType().GetProperties().Where(property => property.SetMethod is not null)
        .SelectMany(property => (property.GetValue(settings) switch
        {
            null => [],
            System.Collections.IDictionary map when Inner(property.PropertyType) is not null => map.Values.Cast<object>().SelectMany(Held),
            { } inner when Inner(property.PropertyType) is not null => Held(inner),
            _ => [],
        }).Prepend((property, settings)));

    /// <summary>The settings inside a setting: a record of its own, or those that it holds by name.</summary>
    private static Type? Inner(Type type) => type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? Inner(type.GetGenericArguments()[1])
        : type.Assembly == typeof(TSettings).Assembly && type.IsClass ? type : null;
}
