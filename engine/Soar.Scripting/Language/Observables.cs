namespace Soar.Language;

/// <summary>
/// What a text names, and texts in which nothing can be clicked by accident. Linear in the text's length, and counted by the run's budget: a text from outside may be made to be expensive.
/// </summary>
public static class Observables
{
    // The most that a character of a text made for it was seen to cost (ObservablesTests): a word of four characters is an observable of its own.
    private const int BytesPerCharacter = 256, RoundsPerCharacter = 8;

    /// <summary>
    /// Addresses and networks (<c>ip</c>), <c>domain</c>, <c>url</c>, <c>email</c>, hashes (<c>md5</c>, <c>sha1</c>, <c>sha256</c>, <c>sha512</c>), <c>cve</c> and <c>file</c> names, defanged ones too: each once, in
    /// the order of the text and in its one spelling. What may be something else (a version, a time) is left out.
    /// </summary>
    public static IReadOnlyList<Observable> In(string text)
    {
        Count(text);
        return ObservableText.Find(text);
    }

    /// <summary>The text with every URL, domain, mail address and IP address in it written so that nobody clicks or resolves it: <c>hxxps://evil[.]example</c>. All else stays.</summary>
    public static string Defang(string text)
    {
        Count(text);
        return Defanged.Text(text);
    }

    /// <summary>One observable, written so.</summary>
    public static string Defang(Observable observable)
    {
        Count(observable.Value);
        return Defanged.Write(observable);
    }

    /// <summary>The text as it was meant: <c>hxxp</c>, <c>[.]</c>, <c>(at)</c> and their like undone.</summary>
    public static string Refang(string text)
    {
        Count(text);
        return Defanged.Undo(text);
    }

    private static void Count(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Meter.Reserve((long)BytesPerCharacter * text.Length);
        Meter.Use((int)Math.Min(int.MaxValue, (long)RoundsPerCharacter * text.Length));
    }
}
