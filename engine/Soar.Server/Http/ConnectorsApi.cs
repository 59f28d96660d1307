using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/connectors</c>: what this deployment is connected to, how, and whether it answers.</summary>
internal static class ConnectorsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var connectors = routes.MapGroup("/api/connectors").WithTags("connectors");
        connectors.MapGet("", ListAsync).Needs(Permission.ReadConnectors).WithSummary("Every connector instance of soar.yaml: type, settings (never a secret), what it is proven against, which playbooks can use it, what its last test said, which kill switches hold it.");
        connectors.MapGet("/{name}", ShowAsync).Needs(Permission.ReadConnectors).WithSummary("One connector instance, with the actions that it brings.");
        connectors.MapPost("/{name}/test", TestAsync).Needs(Permission.TestConnectors).WithSummary("Asks the product whether it can be reached with these credentials and rights; changes nothing there. A minute at most. A simulated instance has nothing to reach.");
    }

    /// <param name="Setting">The field's name in soar.yaml; with dots where it lies deeper.</param>
    /// <param name="Value">As text; null for a secret.</param>
    /// <param name="Secret">A secret stands there; it is never shown.</param>
    /// <param name="About">What it is.</param>
    internal sealed record SettingView(string Setting, string? Value, bool Secret, string? About);

    /// <param name="Ok">Null: simulated, there is nothing to reach.</param>
    internal sealed record TestView(bool? Ok, string Message, DateTimeOffset At, int TookMs, string By);

    /// <param name="Default">It is meant where a playbook names none.</param>
    /// <param name="Clearance">The highest TLP that may reach it; by action, where they differ.</param>
    /// <param name="Rate">How often all runs together may call it.</param>
    /// <param name="Parallel">How many calls of all runs together may be under way there; null = no limit.</param>
    /// <param name="UnderWay">Calls that have a place now, where there is a limit.</param>
    /// <param name="InLine">Calls that stand in line for one, in order.</param>
    /// <param name="Source">It hands over alerts.</param>
    /// <param name="Alerts">What it has handed over so far, where it is a source.</param>
    /// <param name="Proven">What its type is proven against; null = unproven.</param>
    /// <param name="Playbooks">Those that use a capability which it brings.</param>
    /// <param name="LastTest">Since the server runs; null = it was not tested.</param>
    /// <param name="HeldBy">Ids of kill switches that are on and hold effects at it.</param>
    internal sealed record InstanceView(
        string Name, string Type, string Summary, IReadOnlyList<string> Capabilities, bool Default, bool Simulated, IReadOnlyList<string> Clearance, string? Rate, int? Parallel, int UnderWay, IReadOnlyList<LineView> InLine, bool Source, SourceCounts? Alerts, string? Proven,
        IReadOnlyList<SettingView> Settings, IReadOnlyList<string> Playbooks, TestView? LastTest, IReadOnlyList<Guid> HeldBy);

    internal sealed record InstanceList(IReadOnlyList<InstanceView> Connectors);

    /// <param name="Effect">What it does to the world.</param>
    internal sealed record ActionView(string Id, string Signature, Effect Effect, IReadOnlyList<string> Facts);

    internal sealed record InstanceStory(InstanceView Connector, IReadOnlyList<ActionView> Actions);

    private static async Task<Ok<InstanceList>> ListAsync(Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation) =>
        TypedResults.Ok(new InstanceList(await ViewsAsync(sight, node, reader, node.Tools.Registry.Instances, cancellation)));

    private static async Task<Ok<InstanceStory>> ShowAsync(string name, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var instance = Find(node, name);
        var actions = instance.Type.Capabilities.SelectMany(c => c.Actions).Select(a => new ActionView(a.Id, Display.ActionText.Signature(a), a.Effect, Display.ActionText.Facts(a, instance.Terms)));
        return TypedResults.Ok(new InstanceStory((await ViewsAsync(sight, node, reader, [instance], cancellation))[0], [.. actions]));
    }

    private static async Task<Ok<TestView>> TestAsync(string name, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        var instance = Find(node, name);
        var began = node.Clock.GetTimestamp();
        var said = await node.RecordedAsync(Calls.TestConnector, Calls.With(new TestConnectorCall(instance.Name, caller.Name)), caller.Actor, InstanceTest.MakeAsync(instance, node.Clock, cancellation));
        var test = new TestView(said?.Ok, said?.Message ?? "It is simulated: there is nothing to reach.", node.Clock.GetUtcNow(), (int)node.Clock.GetElapsedTime(began).TotalMilliseconds, caller.Name);
        node.LastTests[instance.Name] = test;
        return TypedResults.Ok(test);
    }

    private static ConnectorInstance Find(SoarNode node, string name) => node.Tools.Registry.Instances.FirstOrDefault(i => i.Name == name)
        ?? throw new NotFoundException("connector instance", name, $"GET /api/connectors lists them.{YamlBinder.Suggest(name, node.Tools.Registry.Instances.Select(i => i.Name))}");

    private static async Task<IReadOnlyList<InstanceView>> ViewsAsync(Sight sight, SoarNode node, NodeReader reader, IReadOnlyList<ConnectorInstance> instances, CancellationToken cancellation)
    {
        var playbooks = (await CurrentPlaybooks.ReadAsync(node.Tools, PlaybooksApi.Files(node), reader, cancellation)).Select(e => e.Header).OfType<Hosting.PlaybookHeader>().ToList();
        var switches = await sight.SwitchesAsync(all: false);
        var shelved = await sight.PlaybooksAsync();
        var waiting = await sight.OfRunsAsync([.. instances.SelectMany(i => i.Terms.Places?.Look() ?? [])], place => place.Holder.Run);
        var shown = waiting.Select(place => place.Holder).ToHashSet();
        var sources = (await reader.Alerts.SourcesAsync()).ToDictionary(s => s.Source, StringComparer.Ordinal);
        return [.. instances.Select(View)];

        InstanceView View(ConnectorInstance i)
        {
            var (declared, capabilities) = (i.Type.Declared, i.Type.Capabilities.Select(c => c.Name).ToList());
            var line = i.Terms.Places?.Look() ?? [];
            var effects = i.Type.Capabilities.SelectMany(c => c.Actions).Select(a => a.Effect).ToHashSet();
            return new InstanceView(
                i.Name, declared.Type, declared.Summary, capabilities, i.IsDefault, i.Simulated,
                [.. i.Type.Capabilities.SelectMany(c => c.Actions).Where(a => a.Effect != Effect.Lifts).Select(i.Terms.ClearanceFor).Distinct().Order().Select(tlp => tlp.Words())],
                i.Terms.Pace?.Rate?.ToString(), i.Terms.Places?.Count, line.Count(p => p.Ahead is null), [.. line.Where(p => p.Ahead is not null && shown.Contains(p.Holder)).Take(LineView.MostShown).Select(p => LineView.Of(i.Name, p))], i.Connector is IAlertSource, sources.GetValueOrDefault(i.Name), declared.Proven.Length == 0 ? null : declared.Proven,
                [.. SettingsText.Of(i.Settings, i.Terms.Mask)],
                [.. playbooks.Where(p => p.Capabilities.Intersect(capabilities, StringComparer.Ordinal).Any()).Select(p => p.Name).Where(shelved.Contains).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                node.LastTests.GetValueOrDefault(i.Name), [.. switches.Where(s => (s.Connector is null || s.Connector.Equals(i.Name, StringComparison.OrdinalIgnoreCase)) && (s.Effect is not { } only || effects.Contains(only))).Select(s => s.Id)]);
        }
    }
}
