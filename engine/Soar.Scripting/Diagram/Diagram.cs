using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>What a node on the canvas stands for.</summary>
public enum DiagramNodeKind
{
    /// <summary>The header: where a run begins.</summary>
    Start,

    /// <summary>An action of a capability, or a prepared step that is done here.</summary>
    Step,

    /// <summary><c>Ask</c>, <c>Form</c>, <c>Todo</c>: a person answers.</summary>
    Human,

    /// <summary><c>Wait</c>, <c>WaitUntil</c>, <c>Receive</c>: the run waits for a time or a signal.</summary>
    Waiting,

    /// <summary><c>Run</c>, <c>RunAgain</c>: another playbook.</summary>
    SubPlaybook,

    /// <summary>Plain statements, as many as follow each other; also whatever has no shape of its own.</summary>
    Code,

    /// <summary>The condition of an <c>if</c>, <c>switch</c>, <c>?:</c>; its branches leave from here.</summary>
    Decision,

    /// <summary>An awaited call of a local function, which is a group of its own.</summary>
    Call,

    /// <summary><c>break</c>, <c>continue</c>, <c>goto</c>, a label.</summary>
    Jump,

    /// <summary><c>return</c> from a local function or a lambda.</summary>
    Return,

    /// <summary>The run ends with an outcome.</summary>
    End,

    /// <summary><c>throw</c>: the branch ends with an error.</summary>
    ErrorEnd,
}

/// <summary>What a group holds together. <see cref="Branch"/>, <see cref="Arm"/> and <see cref="Try"/> have no frame of their own on the canvas.</summary>
public enum DiagramGroupKind
{
    /// <summary>A decision with its arms.</summary>
    Branch,

    /// <summary>What one branch of a decision does.</summary>
    Arm,

    /// <summary>A loop: its children are the body.</summary>
    Loop,

    /// <summary><c>All</c>, <c>Any</c>, <c>AtLeast</c>: its children are lanes.</summary>
    Lanes,

    /// <summary>One of the things that are done at the same time.</summary>
    Lane,

    /// <summary>A <c>try</c> with its handlers.</summary>
    Try,

    /// <summary>The body of a <c>try</c>.</summary>
    Protected,

    /// <summary>A <c>catch</c>.</summary>
    Catch,

    /// <summary>A <c>finally</c>.</summary>
    Finally,

    /// <summary>A local function (or a lambda that awaits outside a combinator); never inside another group.</summary>
    Function,
}

/// <summary>Why flow goes along an edge.</summary>
public enum DiagramEdgeKind
{
    Next,
    True,
    False,
    Case,
    Error,
    Loop,
    Approved,
    Refused,
    Expired,

    /// <summary>From a call node to the function's group; no flow of its own on the canvas.</summary>
    Call,
}

/// <summary>Where something stands in the playbook's file. Line and column count from 1, in UTF-16 units.</summary>
public readonly record struct DiagramSpan(int Start, int Length, int Line, int Column)
{
    internal static DiagramSpan Of(SyntaxTree tree, TextSpan span)
    {
        var start = tree.GetLineSpan(span).StartLinePosition;
        return new(span.Start, span.Length, start.Line + 1, start.Character + 1);
    }
}

/// <summary>A thing on the canvas.</summary>
public sealed record DiagramNode
{
    /// <summary>Unique among nodes and groups. For a step it is the step's id; for the rest it comes from its own text, so that editing one statement leaves the ids of the others.</summary>
    public required string Id { get; init; }
    public required DiagramNodeKind Kind { get; init; }

    /// <summary>What a person reads first: the title, else the action or the code's first line.</summary>
    public required string Label { get; init; }

    /// <summary>The source behind it on one line: arguments, condition, code.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What people read below the label: the question, the reason, the statements one per line. Empty where <see cref="Detail"/> serves.</summary>
    public string Text { get; init; } = "";

    /// <summary>Whether the label is a title that a person wrote.</summary>
    public bool Titled { get; init; }

    /// <summary>True for a node that stands for many steps prepared elsewhere: <c>All(blocks)</c>.</summary>
    public bool Many { get; init; }
    public required DiagramSpan Span { get; init; }

    /// <summary>The group it stands in; null on the top level.</summary>
    public string? Parent { get; init; }

    /// <summary>Position among the nodes and groups of the same parent, in the order in which they are done.</summary>
    public required int Order { get; init; }

    /// <summary>The step's id in journal and tests (see <see cref="Titles"/>); null for what is no step. A prepared step that is awaited here has the id of the place that made it.</summary>
    public string? StepId { get; init; }
    public string? Capability { get; init; }
    public string? Action { get; init; }
    public string? Instance { get; init; }

    /// <summary>Retry, time-out and deadline as written: <c>Retry(3)</c>, <c>within: 1.Hours</c>.</summary>
    public ImmutableArray<string> Modifiers { get; init; } = [];

    /// <summary>The variable that takes the result, as written; null when none does.</summary>
    public string? Result { get; init; }

    /// <summary>Positions in the file of the <c>await</c> expressions that this node stands for.</summary>
    public ImmutableArray<int> Awaits { get; init; } = [];
}

/// <summary>Nodes that belong together. Groups nest.</summary>
public sealed record DiagramGroup
{
    public required string Id { get; init; }
    public required DiagramGroupKind Kind { get; init; }
    public required string Label { get; init; }
    public string Detail { get; init; } = "";
    public required DiagramSpan Span { get; init; }
    public string? Parent { get; init; }
    public required int Order { get; init; }

    /// <summary>A loop that nothing leaves: <c>while (true)</c> without a <c>break</c>.</summary>
    public bool Endless { get; init; }

    /// <summary>Of a combinator: its step id.</summary>
    public string? StepId { get; init; }

    /// <summary>Of a combinator: <c>All</c>, <c>ForEach</c>, …; of a statement its keyword.</summary>
    public string? Action { get; init; }
    public ImmutableArray<string> Modifiers { get; init; } = [];
    public string? Result { get; init; }
    public ImmutableArray<int> Awaits { get; init; } = [];
}

/// <summary>
/// Flow from one node or group to another. An edge into a group begins it; from the group itself an edge goes to what is done first inside.
/// What has no outgoing edge inside a group ends that pass through the group: flow goes on along the group's own edges.
/// </summary>
/// <param name="Branch">The branch that is taken along this edge, if it is one; see <see cref="DiagramBranches"/>.</param>
public sealed record DiagramEdge(string From, string To, DiagramEdgeKind Kind, string Label = "", string? Branch = null);

/// <summary>The header as it is written: shown on the start node. Values are source text; <see cref="Name"/>, version and summary without quotes.</summary>
public sealed record DiagramHeader(
    string Name, string Version, string Type, string Tlp, string Summary, ImmutableArray<string> Triggers, ImmutableArray<DiagramInput> Inputs)
{
    /// <summary>The statements that it is written in, in the order of the file: by their place here an edit names one.</summary>
    public ImmutableArray<DiagramHeaderLine> Lines { get; init; } = [];
}

/// <param name="Word"><c>Playbook</c>, <c>Input</c>, <c>On.Alert</c> …</param>
public sealed record DiagramHeaderLine(string Word, DiagramSpan Span);

/// <param name="Default">Its default as written, or null when the input is required or taken from the trigger.</param>
public sealed record DiagramInput(string Name, string Description, string? Default, string? From);

/// <summary>
/// The picture of a playbook: a projection of its syntax tree, made of the file alone. Every file draws; what has no shape is a code node, what does
/// not parse is drawn as far as it goes and reported in <see cref="Errors"/>.
/// </summary>
public sealed record Diagram
{
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Regular);

    public required string File { get; init; }
    public required DiagramHeader Header { get; init; }
    public required ImmutableArray<DiagramNode> Nodes { get; init; }
    public required ImmutableArray<DiagramGroup> Groups { get; init; }
    public required ImmutableArray<DiagramEdge> Edges { get; init; }

    /// <summary>Every way a run can take, with the places where a tracing build notes it.</summary>
    public required ImmutableArray<DiagramBranch> Branches { get; init; }
    public ImmutableArray<PlaybookDiagnostic> Errors { get; init; } = [];

    /// <summary>Draws a bare playbook file (never the wrapped or rewritten text). Linear in its size.</summary>
    public static Diagram Of(SyntaxTree tree, CancellationToken cancellation = default) => new DiagramBuilder(tree, cancellation).Build();

    /// <summary>Parses and draws.</summary>
    /// <exception cref="SoarException">SOAR1957: it nests deeper than the parser survives.</exception>
    public static Diagram Of(string source, string file, CancellationToken cancellation = default)
    {
        TextDepth.Check(source, file);
        return Of(CSharpSyntaxTree.ParseText(SourceText.From(source), ParseOptions, file, cancellation), cancellation);
    }
}
