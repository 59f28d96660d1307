using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Smtp;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Smtp;

public sealed class SmtpContract : ConnectorSuite<SmtpConnector, SmtpSettings, SmtpOtherSide>
{
    protected override SmtpOtherSide Double() => new();

    protected override SmtpSettings Settings(SmtpOtherSide other) => Of(other, Canary);

    protected override IEnumerable<(SmtpSettings Settings, string Field)> Wrong(SmtpSettings good) =>
    [
        (good with { Host = "" }, "host"), (good with { Port = 70_000 }, "port"), (good with { From = null }, "from"), (good with { FromName = "a\nb" }, "fromName"),
        (good with { Tls = SmtpTls.None }, "user"), (good with { Password = null }, "password"), (good with { CaFile = "/nowhere" }, "caFile"), (good with { MaxBytes = 1 }, "maxBytes"),
    ];

    internal static SmtpSettings Of(SmtpOtherSide other, Secret password) => new()
    {
        Host = "127.0.0.1", Port = other.Port, Tls = SmtpTls.Implicit, CaFile = other.CaFile, User = "soc", Password = password, From = EmailAddress.Parse("soc@cert.example"),
        ConnectTimeout = other.Patience, CommandTimeout = other.Patience, FinalTimeout = other.Patience,
    };
}
