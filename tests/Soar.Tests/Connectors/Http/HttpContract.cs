using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Http;

public sealed class HttpContract : ConnectorSuite<HttpConnector, HttpSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var posted = new List<string>();
        return new HttpOtherSide(request =>
        {
            if (request.Method is not ("GET" or "HEAD")) posted.Add($"{request.Method} {request.Headers["Idempotency-Key"]} {request.Path} {request.Body}");
            return new HttpTold(200, """{"ok":true}""");
        }, () => string.Join("\n", posted));
    }

    protected override HttpSettings Settings(HttpOtherSide other) => new() { Address = other.Address, User = "soc", Password = Canary, Timeout = other.Patience };

    protected override IEnumerable<(HttpSettings Settings, string Field)> Wrong(HttpSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Address = new Uri("http://api.example/") }, "address"), (good with { User = null }, "password"),
        (good with { Key = Canary }, "key"), (good with { KeyHeader = "a b" }, "keyHeader"), (good with { Token = Canary }, "token"), (good with { CaFile = "/nowhere" }, "caFile"),
        (good with { ClientKey = "/nowhere" }, "clientKey"), (good with { Proxy = new Uri("ftp://x/") }, "proxy"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
    ];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name == "method" ? "PUT" : base.Argument(action, parameter);

    // Any body is an answer of a service that is not known: the playbook reads it.
    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => trouble == Trouble.Garbage ? Expectation.NoTrouble : null;
}
