using System.Reflection;
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
}
