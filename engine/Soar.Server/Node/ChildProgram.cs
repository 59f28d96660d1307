using Soar.Scripting.Jail;

namespace Soar.Server.Node;

/// <summary>What the jailed children are: this program, without the web framework that only <c>soar serve</c> needs.</summary>
internal static class ChildProgram
{
    public static ChildEntry Entry { get; } = ChildEntry.LeanOf(typeof(ChildProgram).Assembly.Location);
}
