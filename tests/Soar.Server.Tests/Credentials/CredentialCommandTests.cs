using Soar.Server.Tests.Connectors;
using Soar.Testing.Contract;

namespace Soar.Server.Tests.Credentials;

/// <summary>The real program: a key, a credential, a playbook that uses it, another key.</summary>
public sealed class CredentialCommandTests : IDisposable
{
    private readonly Deployment deployment = new();

    public CredentialCommandTests() => deployment.Set("SOAR_USER", "ana");

    public void Dispose() => deployment.Dispose();

    [Fact]
    public async Task A_credential_is_set_before_the_settings_can_be_used_and_then_used_changed_and_encrypted_anew()
    {
        await using var service = new HttpOtherSide(request => new HttpTold(request.Headers.GetValueOrDefault("Authorization") == "Bearer c4nary-second" ? 200 : 401, "{}", "application/json", []), () => "");
        deployment.File("ask.csx", "Playbook(\"ask\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: \"Asks.\");\n// Ask\nvar answer = await Http.Get(\"ok\").Retry(1);\nreturn Outcome.Completed($\"{answer.Status}\");\n");
        var connector = $"approvals: []\nconnectors: {{ service: {{ type: http, address: \"{service.Address}\", token: \"credential:service\" }} }}\n";
        deployment.File("soar.yaml", connector);

        var (exit, output) = deployment.Soar("connectors");
        Assert.Equal(2, exit);
        Assert.Contains("connectors.service.token refers to the credential service, which is not set: 'soar credentials set service' sets it.", output, StringComparison.Ordinal);
        (exit, output) = deployment.SoarReading("c4nary-first\n", "credentials", "set", "service");
        Assert.Equal(1, exit);
        Assert.Contains("SOAR3050", output, StringComparison.Ordinal);
        Assert.Contains("soar credentials key", output, StringComparison.Ordinal);

        Assert.Equal(0, deployment.Soar("credentials", "key", Path.Combine(deployment.Home, "first.key")).Exit);
        Assert.Contains("cannot be written", deployment.Soar("credentials", "key", Path.Combine(deployment.Home, "first.key")).Output, StringComparison.Ordinal);
        Assert.Contains("store's folder", deployment.Soar("credentials", "key", Path.Combine(deployment.Store, "first.key")).Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(deployment.Home, "first.key")));

        deployment.File("soar.yaml", $"credentials: {{ key: \"file:first.key\" }}\n{connector}");
        Assert.Contains("is set", Ok("c4nary-first\n", "credentials", "set", "service"), StringComparison.Ordinal);
        Assert.Contains("401", deployment.Soar("run", "ask").Output, StringComparison.Ordinal);
        Assert.Contains("has a new value", Ok("c4nary-second\n", "credentials", "set", "service"), StringComparison.Ordinal);
        Assert.Contains("Completed", Ok("", "run", "ask"), StringComparison.Ordinal);

        var listed = Ok("", "credentials");
        Assert.Contains("connectors.service.token", listed, StringComparison.Ordinal);
        Assert.Equal(listed, Ok("", "credentials", "list"));
        var audit = Ok("", "audit", "export");
        Assert.Equal(2, audit.Split("\"credential-use\"").Length - 1); // each process that drove it, once
        Assert.Contains("\"credential-set\"", audit, StringComparison.Ordinal);

        Assert.Equal(0, deployment.Soar("credentials", "key", Path.Combine(deployment.Home, "second.key")).Exit);
        deployment.File("soar.yaml", $"credentials: {{ key: \"file:second.key\" }}\n{connector}");
        (exit, output) = deployment.Soar("connectors", "test");
        Assert.Equal(2, exit);
        Assert.Contains("cannot be opened", output, StringComparison.Ordinal);
        deployment.File("soar.yaml", $"credentials: {{ key: \"file:second.key\", oldKeys: [\"file:first.key\"] }}\n{connector}");
        Assert.Contains("1 credential", Ok("", "credentials", "rotate"), StringComparison.Ordinal);
        deployment.File("soar.yaml", $"credentials: {{ key: \"file:second.key\" }}\n{connector}");
        Assert.Contains("Completed", Ok("", "run", "ask"), StringComparison.Ordinal);

        foreach (var file in Directory.GetFiles(deployment.Home, "*", SearchOption.AllDirectories)) Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("c4nary"u8) < 0, $"{file} holds a secret");

        deployment.File("soar.yaml", "credentials: { key: \"file:second.key\" }\n");
        Assert.Contains("is removed", Ok("", "credentials", "remove", "service"), StringComparison.Ordinal);
        Assert.Contains("no credential yet", Ok("", "credentials"), StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_terminal_the_value_is_asked_for_twice_and_never_shown()
    {
        deployment.File("soar.yaml", "approvals: []\n");
        Ok("", "credentials", "key", Path.Combine(deployment.Home, "first.key"));
        deployment.File("soar.yaml", "credentials: { key: \"file:first.key\" }\n");
        var (exit, shown) = deployment.SoarAtATerminal([("not shown", "c4nary-typed"), ("Once more", "c4nary-typed")], "credentials", "set", "edge");
        Assert.True(exit == 0, shown);
        Assert.Contains("is set", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("c4nary", shown, StringComparison.Ordinal);
        (exit, shown) = deployment.SoarAtATerminal([("not shown", "c4nary-typed"), ("Once more", "c4nary-tpyed")], "credentials", "set", "edge");
        Assert.True(exit != 0, shown);
        Assert.Contains("not the same", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_a_credential_or_no_key_is_told_with_its_line()
    {
        deployment.File("soar.yaml", "approvals: []\ncredentials:\n  key: credential:itself\n  oldKeys: [\"file:bad.key\"]\n");
        deployment.File("bad.key", "not a key at all");
        var (exit, output) = deployment.Soar("connectors");
        Assert.Equal(2, exit);
        Assert.Contains("soar.yaml:3: credentials.key cannot be a credential", output, StringComparison.Ordinal);
        Assert.Contains("credentials.oldKeys: holds one that is no key", output, StringComparison.Ordinal);
        Assert.DoesNotContain("not a key at all", output, StringComparison.Ordinal);
    }

    private string Ok(string input, params string[] arguments)
    {
        var (exit, output) = deployment.SoarReading(input, arguments);
        Assert.True(exit == 0, output);
        Assert.DoesNotContain("c4nary", output, StringComparison.Ordinal);
        return output;
    }
}
