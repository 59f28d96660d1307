namespace Soar.Hosting;

/// <summary>The text of a published version, which new runs take while it is the current one.</summary>
/// <param name="Content">SHA-256 of <paramref name="Source"/> as UTF-8, in lower-case hexadecimal digits. Unlike <see cref="CompiledPlaybook.Hash"/> it is the same in every version of the engine.</param>
/// <param name="File">As findings name it.</param>
public sealed record PublishedText(string Playbook, string Version, string Content, string File, string Source);
