using Soar.Capabilities;
using Soar.Connectors.ActiveDirectory;
using Soar.Testing.Contract;
using Soar.Tests.Connectors.Ldap;

namespace Soar.Tests.Connectors.ActiveDirectory;

public sealed class ActiveDirectoryContract : ConnectorSuite<ActiveDirectoryConnector, ActiveDirectorySettings, DirectoryOtherSide>
{
    protected override DirectoryOtherSide Double() => new();

    protected override ActiveDirectorySettings Settings(DirectoryOtherSide other) => other.Settings(new ActiveDirectorySettings(), Canary);

    protected override IEnumerable<(ActiveDirectorySettings Settings, string Field)> Wrong(ActiveDirectorySettings good) => [.. DirectoryOtherSide.Wrong(good), (good with { MarkAttribute = "a b" }, "markAttribute")];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name is "account" or "text" ? "alice" : Values.Of(parameter);

    protected override bool KeepsKey(ActionDescriptor action) => action.Id != "identity.forcepasswordchange"; // pwdLastSet carries no key
}
