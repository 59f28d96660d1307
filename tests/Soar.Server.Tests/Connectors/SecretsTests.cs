using System.Text;
using Soar.Connectors;
using Soar.Testing.Contract;

namespace Soar.Server.Tests.Connectors;

/// <summary>
/// Secrets planted in the settings, against a service that throws every credential back at us, in refusals and in results: none of them is in anything that Soar shows or
/// keeps, in any of the forms that protocols give them.
/// </summary>
public sealed class SecretsTests : IDisposable
{
    private const string Token = "c4nary-t0ken/11+aa==", Password = "c4nary p\u00e4ssword \"22\"", Key = "c4nary-key-33";

    private readonly Deployment deployment = new();
    private readonly List<string> shown = [];

    public void Dispose() => deployment.Dispose();

    private static HttpTold Echo(HttpAsked request)
    {
        var everything = $"{request.Method} {request.Target} {string.Join(" ", request.Headers.Select(header => $"{header.Key}: {header.Value}"))} {request.Body} {Uri.EscapeDataString(Token)} {Convert.ToBase64String(Encoding.UTF8.GetBytes(Password))}";
        var status = request.Path switch { "/refuse" => 403, "/fail" => 500, "/slow" => 429, _ => 200 };
        return new HttpTold(status, $"{{\"echo\":{System.Text.Json.JsonSerializer.Serialize(everything)}}}", "application/json", [$"X-Echo: {request.Headers.GetValueOrDefault("Authorization", "none")}"]);
    }

    private string Soar(params string[] arguments)
    {
        var (_, output) = deployment.Soar(arguments);
        shown.Add(output);
        return output;
    }

    [Fact]
    public async Task No_secret_is_in_output_log_journal_or_any_other_byte_of_the_store()
    {
        await using var service = new HttpOtherSide(Echo, () => "");
        deployment.Set("SOAR_LOG", "debug");
        deployment.Set("TOKEN", Token);
        deployment.File("key", Key);
        deployment.File("password", Password);
        deployment.File("soar.yaml", $$"""
            approvals: []
            connectors:
              bearer: { type: http, address: "{{service.Address}}", token: env:TOKEN, default: true }
              basic: { type: http, address: "{{service.Address}}", user: soc, password: "file:{{Path.Combine(deployment.Home, "password")}}" }
              header: { type: http, address: "{{service.Address}}", keyHeader: X-Key, key: "file:key", testPath: refuse }
              gone: { type: http, address: "http://127.0.0.1:1/", token: env:TOKEN }
              mail: { type: smtp, host: 127.0.0.1, port: 1, from: soc@cert.example, user: soc, password: env:TOKEN }
            """);
        deployment.File("leak.csx", """
            Playbook("leak", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Clear, summary: "Asks a service that talks.");
            var said = new List<string>();

            // Ask every instance
            foreach (var instance in new[] { "bearer", "basic", "header", "gone" })
            {
                foreach (var path in new[] { "ok", "refuse" })
                {
                    try
                    {
                        var answer = await Http[instance].Get(path).Retry(1);
                        said.Add(answer.Body);
                    }
                    catch (StepFailed failure)
                    {
                        said.Add(failure.Message);
                    }
                }
            }

            // Tell it something
            var posted = await Http.Post("ok", AsJson(new { a = 1 }));
            said.Add(posted.Body);

            // Mail what it said
            try
            {
                await Mail.Send(EmailAddress.Parse("a@b.example"), $"It said {said[0]}", $"{said[1]}").Retry(1);
            }
            catch (StepFailed failure)
            {
                said.Add(failure.Message);
            }

            return Outcome.Completed(string.Join(" | ", said));
            """);

        var ran = Soar("run", "leak");
        Assert.Contains("•••", ran); // it was said, and is not shown
        Assert.Contains("Completed", ran);
        var run = ran.Split("Run ")[1].Split(' ', '\n')[0].Trim('.', ':');
        Soar("run", "leak", "--dry-run");
        Soar("show", run);
        Soar("show", run, "--why");
        Soar("runs");
        Soar("connectors");
        Soar("connectors", "http");
        Assert.Contains("✘ header", Soar("connectors", "test"));

        Assert.True(service.Requests.Count > 10, "the service was hardly asked");
        var mask = new SecretMask(new Secret(Token), new Secret(Password), new Secret(Key));
        Assert.All(shown, output => Assert.Equal(mask.Text(output), output));
        Assert.All(shown, output => Assert.DoesNotContain("c4nary", output));
        var files = Directory.GetFiles(deployment.Home, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).Equals("key", StringComparison.Ordinal) && !Path.GetFileName(file).Equals("password", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, file => Path.GetFileName(file) == "soar.db");
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            Assert.True(bytes.AsSpan().IndexOf("c4nary"u8) < 0, $"{file} holds a secret");
            Assert.True(ReferenceEquals(mask.Utf8(bytes), bytes), $"{file} holds a secret in another form");
        }
    }

    [Fact]
    public void A_secret_that_stands_in_the_file_or_is_not_there_is_told_without_its_value()
    {
        deployment.File("soar.yaml", """
            connectors:
              a: { type: http, address: "https://a.example/", token: c4nary-in-the-file }
              b: { type: http, address: "https://b.example/", token: env:NOT_SET }
            """);
        var (exit, output) = deployment.Soar("connectors");
        Assert.Equal(2, exit);
        Assert.Contains("connectors.a.token is a secret and must not stand in the file", output);
        Assert.Contains("NOT_SET, which is not set", output);
        Assert.DoesNotContain("c4nary", output);
    }
}
