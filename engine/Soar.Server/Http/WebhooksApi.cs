using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/hooks</c>: what others post starts the playbook that has this <c>On.Webhook</c>.</summary>
internal static class WebhooksApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/hooks/{hook}", TakeAsync).WithTags("hooks").ByOwnSecret().Accepts<JsonElement>("application/json")
            .WithSummary("Starts the playbook whose On.Webhook has this name, once for a delivery, and answers when the run is on disk. By the hook's own token or signature (hooks: of soar.yaml).");

    private static async Task<Accepted<RunsApi.Started>> TakeAsync(string hook, HttpContext context, SoarNode node, CancellationToken cancellation)
    {
        var delivery = await node.Webhooks.AdmitAsync(hook, context, cancellation);
        var call = new WebhookCall(hook, delivery.Id);
        var run = await node.RecordedAsync(Calls.Webhook, Calls.With(call), new Actor($"webhook {hook}", Doorkeeper.Origin(context)), StartAsync());
        return TypedResults.Accepted($"/api/runs/{run}", new RunsApi.Started(run));

        // Once begun it is not taken back when the sender goes away: it comes again and must find this run.
        async Task<RunId> StartAsync()
        {
            CompiledPlaybook? playbook = null;
            try
            {
                playbook = await node.Webhooks.PlaybookAsync(hook, CancellationToken.None);
                var (key, earlier) = await node.Webhooks.KeyAsync(delivery);
                return earlier ?? await node.Engine.StartAsync(playbook, new StartRequest { StartedBy = $"webhook {hook}", Inputs = delivery.Inputs(playbook.Header), TriggerKey = key });
            }
            catch (SoarException refused) when (!refused.Code.StartsWith("SOAR3", StringComparison.Ordinal))
            {
                await node.Webhooks.RefusedAsync(hook, playbook, refused.Message);
                throw;
            }
        }
    }
}
