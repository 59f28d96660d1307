using System.Collections.Immutable;

namespace Soar.Scripting;

/// <summary>One line of flow, as corner points.</summary>
/// <param name="Arrow">Whether it ends in an arrow head.</param>
/// <param name="LabelX">Where its label begins; the label stands above this point's line.</param>
internal sealed record Route(ImmutableArray<(double X, double Y)> Points, bool Arrow, DiagramEdgeKind Kind, string Label = "", double LabelX = 0, double LabelY = 0, string? Branch = null);
