namespace Soar.Scripting;

/// <summary>
/// Refuses texts that nest so deeply that the C# parser would exhaust the stack: it guards its expressions and statements, not its types (20,000 opening parentheses end the process that
/// parses them). Texts are compiled in a process that may die; they are drawn in the one that drives the runs.
/// </summary>
internal static class TextDepth
{
    /// <summary>More than people nest, and far from what a stack holds.</summary>
    public const int Deepest = 256;

    /// <exception cref="SoarException">SOAR1957: too deep. Brackets in texts and comments count too: to tell them apart takes the parser.</exception>
    public static void Check(string text, string file)
    {
        var (brackets, angles) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '(' or '[': brackets++; break;
                case '{': (brackets, angles) = (brackets + 1, 0); break;
                case ')' or ']': brackets = Math.Max(0, brackets - 1); break;
                case '}': (brackets, angles) = (Math.Max(0, brackets - 1), 0); break;
                case '<': angles++; break;
                case '>': angles = Math.Max(0, angles - 1); break;
                case ';': angles = 0; break;
            }

            if (Math.Max(brackets, angles) > Deepest)
                throw new SoarException("SOAR1957", $"{file} nests deeper than {Deepest} brackets in line {text.AsSpan(0, i).Count('\n') + 1}: it is not read. Take it apart, for example into functions.");
        }
    }
}
