using Soar.Scripting.Jail;

namespace Soar.Server.Node;

/// <summary>What whoever starts the engine is told where the kernel cannot jail foreign code as it should.</summary>
internal static class JailWarning
{
    /// <summary>Null when the jail is whole, or nothing starts without a whole one.</summary>
    public static string? Of(KernelSupport kernel, JailPolicy policy) => kernel.IsWhole || policy == JailPolicy.Require
        ? null
        : $"playbooks run in a weaker jail here, which the policy accept-weaker allows: {string.Join("; ", kernel.Weaknesses())}. Write 'jail: require' into soar.yaml to refuse that";
}
