using Soar.Scripting.Jail;
using Soar.Server.Node;

namespace Soar.Server.Tests.Commands;

public sealed class JailWarningTests
{
    [Fact]
    public void Whoever_starts_an_engine_in_a_weaker_jail_is_told_once_what_is_missing_and_how_to_refuse_it()
    {
        var weak = new KernelSupport(LandlockVersion: 0, Seccomp: true, SupportedMachine: true);
        var warning = JailWarning.Of(weak, JailPolicy.AcceptWeaker);
        Assert.Contains("landlock", warning, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("jail: require", warning);
        Assert.Null(JailWarning.Of(weak, JailPolicy.Require)); // nothing starts, and that error says why
        Assert.Null(JailWarning.Of(weak with { LandlockVersion = 6 }, JailPolicy.AcceptWeaker));
    }
}
