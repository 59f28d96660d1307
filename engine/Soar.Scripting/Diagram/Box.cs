namespace Soar.Scripting;

/// <summary>A rectangle on the canvas, in pixels.</summary>
internal readonly record struct Box(double X, double Y, double W, double H)
{
    public double Right => X + W;
    public double Bottom => Y + H;
}
