using System.Text;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors.Chat;
using Soar.Connectors.Http;

namespace Soar.Connectors.Teams;

/// <summary>The address of a Teams workflow "Send webhook alerts to a channel".</summary>
public sealed record TeamsSettings : WebhookSettings;

/// <summary>
/// Posts to a Teams channel through a workflow that begins with a webhook. The text stands in runs of an Adaptive Card, which know no Markdown. That the workflow was started is all that the answer tells: whether it then posted is seen in Teams.
/// </summary>
[Connector("teams", "Posts messages to a Teams channel through a workflow's webhook.", Proven = "the examples that Microsoft publishes", Outside = true, Rate = "1/s")]
public sealed class TeamsConnector(TeamsSettings settings, ConnectorServices services) : WebhookChat(settings, services)
{
    // Teams takes messages of 28 KB.
    private const int MostBytes = 28_000;

    private protected override string Service => "Teams";

    public override Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var reply = await KnockAsync(cancellation);
        return reply.Status is 401 or 403 or 407 or >= 500
            ? new ConnectorTest(false, Refused(reply).Message)
            : new ConnectorTest(true, "The workflow's host can be reached. The workflow itself cannot be asked without starting it: whether the address is right shows with the first message.");
    });

    private protected override object Body(string text)
    {
        var lines = new JsonArray();
        foreach (var line in text.Split('\n'))
            lines.Add(new JsonObject
            {
                ["type"] = "RichTextBlock", ["spacing"] = "None",
                ["inlines"] = new JsonArray(new JsonObject { ["type"] = "TextRun", ["text"] = line.Length > 0 ? line.Replace("{{", "{\u200B{", StringComparison.Ordinal) : " " }), // {{DATE(…)}} is computed even there
            });
        var body = new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject
            {
                ["contentType"] = "application/vnd.microsoft.card.adaptive", ["contentUrl"] = null,
                ["content"] = new JsonObject { ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json", ["type"] = "AdaptiveCard", ["version"] = "1.2", ["body"] = lines },
            }),
        };
        NoLonger(Encoding.UTF8.GetByteCount(body.ToJsonString(SoarJson.Options)), MostBytes, "bytes", "Teams takes not");
        return body;
    }

    private protected override string Accepted(HttpReply reply)
    {
        var text = reply.Text();
        // A page is somebody else's, a sentence the retired connectors', which refuse with status 200.
        if (text.Trim() is { Length: > 1 } words && words[0] is not ('{' or '['))
            throw reply.Garbage("is not a workflow's");
        return reply.Header("x-ms-workflow-run-id") is { Length: > 0 } run ? $"{reply.Status}, workflow run {run}" : $"{reply.Status}";
    }

    // {"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow 'x' trigger 'manual' with state 'Disabled': trigger is not enabled."}}
    private protected override (string Code, string Remedy)? Refusal(HttpReply reply)
    {
        try
        {
            return reply.Json<Answer>().Error.Code is { Length: > 0 and < 100 } code ? (code, Remedy(code)) : null;
        }
        catch (ConnectorFailure)
        {
            return null;
        }
    }

    private static string Remedy(string code) => code switch
    {
        "WorkflowTriggerIsNotEnabled" => "The workflow is switched off; switch it on in Teams.",
        "WorkflowNotFound" or "WorkflowTriggerNotFound" => "The workflow is gone; make another one and set its address.",
        "AuthorizationFailed" or "DirectApiAuthorizationRequired" or "DirectApiRequestHasMoreThanOneAuthorization" => "The address is not whole, or its signature was withdrawn; copy it again.",
        _ => "Look at the workflow in Teams, under Workflows.",
    };

    private sealed record Answer
    {
        public required Error Error { get; init; }
    }

    private sealed record Error(string Code);
}
