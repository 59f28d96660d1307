using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>A webhook's sender is told as little as can be; whoever runs Soar is told everything.</summary>
public sealed class WebhookCommandTests : IDisposable
{
    private const string Head = "Playbook(\"look\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\nOn.Webhook(\"gate\");\n";
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void A_closed_webhook_is_told_with_what_opens_it_and_an_open_one_with_its_address()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhooks:\n  gaet: { perMinute: 5 }\n");
        deployment.File("look.csx", Head + "return Outcome.Completed();\n");
        var (exit, check) = deployment.Soar("check");
        Assert.Equal(0, exit);
        Assert.Contains("look.csx:2:12: warning SOAR4009: The webhook 'gate' is closed in soar.yaml", check);
        Assert.Contains("hooks: { gate: { token: 'file:gate-token' } }", check);
        var triggers = deployment.Soar("triggers").Output;
        Assert.Contains("Webhook gate is closed.", triggers);
        Assert.Contains("hooks: gaet of soar.yaml is no playbook's On.Webhook", triggers);

        deployment.File("gate-token", "a-token-of-0123456789\n");
        deployment.File("soar.yaml", "jail: accept-weaker\nhooks: { gate: { token: 'file:gate-token' } }\n");
        Assert.DoesNotContain("SOAR4009", deployment.Soar("check").Output);
        Assert.Contains("POST /api/hooks/gate", deployment.Soar("triggers").Output);
    }

    [Fact]
    public void Everything_that_is_wrong_with_a_hook_is_told_at_once()
    {
        deployment.File("short", "x123456789");
        deployment.File("look.csx", Head);
        deployment.File("soar.yaml", "hooks:\n  gate: { token: 'file:short', timeHeader: X-Time, perMinute: 0, maxBytes: 1, inputs: { address: '$.' } }\n");
        var (exit, said) = deployment.Soar("check");
        Assert.NotEqual(0, exit);
        foreach (var field in new[] { "token", "timeHeader", "perMinute", "maxBytes", "inputs.address" }) Assert.Contains($"soar.yaml:2: hooks.gate.{field}:", said);
    }
}
