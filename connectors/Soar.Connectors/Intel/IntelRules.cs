using Soar.Capabilities;

namespace Soar.Connectors.Intel;

/// <summary>What intelligence connectors check before anything leaves the house, in the same words.</summary>
internal static class IntelRules
{
    /// <summary>The observable in its one spelling. Refuses what is none: nothing of it is sent anywhere.</summary>
    public static Observable Form(Observable observable) => ObservableForm.Of(observable.Type, observable.Value) is { } form
        ? new Observable(form.Type, form.Value)
        : throw ConnectorFailure.Permanent($"'{Short(observable.Value)}' is no {Short(observable.Type)}. Types are ip, domain, url, email, sha256, sha1, md5, file.", reason: "observable");

    public static Observable Of(IpAddress address) => new("ip", address.ToString());

    /// <summary>A verdict that can be told to others.</summary>
    public static void Judged(Verdict verdict)
    {
        if (verdict == Verdict.Unknown)
            throw ConnectorFailure.Permanent("Unknown is no judgement that could be submitted. Submit Benign, Suspicious or Malicious.", reason: "verdict");
    }

    public static ConnectorFailure Unsupported(string why) => ConnectorFailure.Permanent($"{why} Nothing was sent.", reason: "unsupported");

    /// <summary>An address of ours or of nobody: telling it to others helps nobody and tells them our networks.</summary>
    public static bool StaysInside(Observable observable) => observable.Type switch
    {
        "ip" => IpAddress.Parse(observable.Value).IsSpecial,
        "url" => Uri.TryCreate(observable.Value, UriKind.Absolute, out var url) && UriHost.Of(url) is { } host && (IpAddress.TryParse(host.Trim('[', ']'), null, out var address) ? address.IsSpecial : !host.Contains('.')),
        _ => false,
    };

    /// <summary>One line for people, bounded.</summary>
    public static string Short(string? text, int most = 200)
    {
        var line = string.Concat((text ?? "").Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        return line.Length > most ? line[..most] + "…" : line;
    }
}
