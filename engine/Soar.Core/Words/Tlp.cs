namespace Soar;

/// <summary>Traffic Light Protocol 2.0 (FIRST): how far a fact may travel.</summary>
public enum Tlp { Clear, Green, Amber, AmberStrict, Red }

/// <summary>The label as FIRST writes it.</summary>
public static class TlpLabel
{
    /// <summary>For example <c>TLP:AMBER+STRICT</c>.</summary>
    public static string Words(this Tlp tlp) => tlp == Tlp.AmberStrict ? "TLP:AMBER+STRICT" : $"TLP:{tlp.ToString().ToUpperInvariant()}";

    /// <summary>Reads <c>amber+strict</c>, <c>TLP:AMBER+STRICT</c>, <c>amber-strict</c>, in any case.</summary>
    public static bool TryParse(string? text, out Tlp tlp)
    {
        var word = (text ?? "").Trim().ToUpperInvariant();
        if (word.StartsWith("TLP:", StringComparison.Ordinal)) word = word[4..];
        word = word.Replace("+", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Enum.TryParse(word, ignoreCase: true, out tlp) && Enum.IsDefined(tlp) && !char.IsAsciiDigit(word[0]);
    }
}

/// <summary>What a playbook is for. The values are CACAO 2.0's playbook types.</summary>
public enum PlaybookType { Notification, Detection, Investigation, Prevention, Mitigation, Remediation, Attack, Engagement }

/// <summary>A judgement about an observable.</summary>
public enum Verdict { Unknown, Benign, Suspicious, Malicious }
