namespace Soar.Server.Http;

/// <summary>How many a page holds: 50 unless asked otherwise.</summary>
internal static class Paging
{
    public static int Of(int? max) => max switch
    {
        null => 50,
        >= 1 and <= 500 => max.Value,
        _ => throw new SoarException("SOAR6007", $"'max' cannot be '{max}': a page holds 1 to 500."),
    };
}
