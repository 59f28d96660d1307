namespace Soar.Connectors.Packages;

/// <summary>What stands on a form, whatever it is printed as.</summary>
/// <param name="Title">The form's title.</param>
/// <param name="Reference">Ours.</param>
/// <param name="Marking">On every page: the traffic light, and a handling code where there is one.</param>
/// <param name="Language">Language of the labels: en, mk.</param>
internal sealed record Form(string Title, string Reference, string Marking, string Language, IReadOnlyList<FormSection> Sections);

/// <summary>A part of a form: a heading and what is said under it.</summary>
internal sealed record FormSection(string Heading, IReadOnlyList<FormRow> Rows);

/// <summary>A labelled value; several lines stay several lines.</summary>
internal sealed record FormRow(string Label, string Value);
