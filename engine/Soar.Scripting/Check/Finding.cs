using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>One refusal, at a place in the tree that was checked; the compiler turns it into a <see cref="PlaybookDiagnostic"/> in the playbook's own file.</summary>
/// <param name="Code">One of <see cref="CheckCodes"/>.</param>
/// <param name="Message">What is refused, by name, and why.</param>
/// <param name="Remedy">What to write instead.</param>
public sealed record Finding(string Code, Location Location, string Message, string Remedy)
{
    /// <summary>As every other finding in a playbook; for trees that are the playbook's own text.</summary>
    public PlaybookDiagnostic ToDiagnostic(string file) => PlaybookDiagnostic.At(Location, Code, file, Message, Remedy);
}

/// <summary>The checker's codes. Each is one class of refusal; the manual explains them in the same words.</summary>
public static class CheckCodes
{
    /// <summary>A construct of C# that playbooks do not have.</summary>
    public const string Syntax = "SOAR1201";

    /// <summary>A directive other than <c>#region</c>: <c>#r</c>, <c>#load</c>, <c>#line</c>, <c>#if</c> …</summary>
    public const string Directive = "SOAR1202";

    /// <summary>An attribute.</summary>
    public const string Attribute = "SOAR1203";

    /// <summary><c>unsafe</c>, pointers, <c>stackalloc</c>, <c>fixed</c>, native calls.</summary>
    public const string Unsafe = "SOAR1204";

    /// <summary>A declaration that playbooks do not have: struct, interface, generic, operator, finalizer, event …</summary>
    public const string Declaration = "SOAR1205";

    /// <summary>Static state.</summary>
    public const string StaticState = "SOAR1206";

    /// <summary>A type that derives from, or implements, something outside the playbook.</summary>
    public const string Derives = "SOAR1207";

    /// <summary>A <c>using</c> of a namespace that playbooks do not see, an alias, or <c>using static</c>.</summary>
    public const string Using = "SOAR1208";

    /// <summary><c>goto</c>, <c>lock</c>, <c>await foreach</c> and other flow that cannot be metered or replayed.</summary>
    public const string Flow = "SOAR1209";

    /// <summary>A type or member that is not on the allow-list.</summary>
    public const string NotAllowed = "SOAR1220";

    /// <summary>Files, streams, console, network, processes, environment.</summary>
    public const string Io = "SOAR1221";

    /// <summary>Threads, timers, locks, <c>Task.*</c>.</summary>
    public const string Threads = "SOAR1222";

    /// <summary>Reflection in any disguise, <c>dynamic</c>, expression trees, code generation.</summary>
    public const string Reflection = "SOAR1223";

    /// <summary>A clock.</summary>
    public const string Clock = "SOAR1224";

    /// <summary>Random numbers and new GUIDs.</summary>
    public const string Random = "SOAR1225";

    /// <summary>Hash codes: they differ from process to process.</summary>
    public const string HashCode = "SOAR1226";

    /// <summary>A comparison or conversion by culture.</summary>
    public const string Culture = "SOAR1227";

    /// <summary>A collection whose order depends on hash codes or threads.</summary>
    public const string HashOrder = "SOAR1228";

    /// <summary>A step that is neither awaited nor handed on.</summary>
    public const string NotAwaited = "SOAR1230";

    /// <summary>A <c>Task</c> kept as a value.</summary>
    public const string TaskValue = "SOAR1231";

    /// <summary>An async lambda that is not the body of a combinator.</summary>
    public const string AsyncLambda = "SOAR1232";

    /// <summary><c>async void</c>, or an async result other than <c>Task</c>.</summary>
    public const string AsyncVoid = "SOAR1233";

    /// <summary>Something awaited that is not a step.</summary>
    public const string Awaiter = "SOAR1234";

    /// <summary><c>.Retry</c> of something that is no action.</summary>
    public const string Retry = "SOAR1235";

    /// <summary>What belongs to the engine: <c>this</c>, <c>base</c>, <c>Main</c>, the hidden <c>at:</c> argument.</summary>
    public const string Engine = "SOAR1236";

    /// <summary>Adding delegates.</summary>
    public const string DelegateSum = "SOAR1237";

    /// <summary>A size or format that could take all memory by itself.</summary>
    public const string Size = "SOAR1238";

    /// <summary>An exception as text: its stack trace differs from process to process.</summary>
    public const string ExceptionText = "SOAR1239";

    /// <summary>A question that escalates and has no end: half of no time never comes.</summary>
    public const string NoEnd = "SOAR1240";

    /// <summary>A regular expression that is wrong, or needs what playbooks' patterns do not have.</summary>
    public const string Pattern = "SOAR1241";

    /// <summary>A format that its value does not have.</summary>
    public const string NoFormat = "SOAR1242";

    /// <summary>The compiled assembly refers to something that the source gates did not allow.</summary>
    public const string Assembly = "SOAR1290";

    /// <summary>The checker did not see all of the playbook; a defect of Soar, refused to be on the safe side.</summary>
    public const string Unseen = "SOAR1299";
}
