namespace Soar.Connectors.Mime;

/// <summary>A file in an outgoing mail.</summary>
internal sealed record OutgoingFile(string Name, string MediaType, ReadOnlyMemory<byte> Content);
