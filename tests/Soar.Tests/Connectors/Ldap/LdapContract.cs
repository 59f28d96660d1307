using Soar.Capabilities;
using Soar.Connectors.Ldap;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Ldap;

public sealed class LdapContract : ConnectorSuite<LdapConnector, LdapSettings, DirectoryOtherSide>
{
    protected override DirectoryOtherSide Double() => new();

    protected override LdapSettings Settings(DirectoryOtherSide other) => other.Settings(new LdapSettings { DefaultPolicy = "cn=default,dc=cert,dc=example" }, Canary);

    protected override IEnumerable<(LdapSettings Settings, string Field)> Wrong(LdapSettings good) =>
    [
        .. DirectoryOtherSide.Wrong(good), (good with { LoginAttribute = "" }, "loginAttribute"), (good with { AccountClass = "a b" }, "accountClass"), (good with { MarkAttribute = "a b" }, "markAttribute"),
        (good with { DefaultPolicy = "x" }, "defaultPolicy"),
    ];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name is "account" or "text" ? "alice" : Values.Of(parameter);

    protected override bool KeepsKey(ActionDescriptor action) => action.Id != "identity.forcepasswordchange"; // the attribute carries no key
}
