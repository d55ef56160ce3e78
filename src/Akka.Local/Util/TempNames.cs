namespace Akka.Util;

/// <summary>Names for what nobody has named: <c>$</c> and a number in base 64.</summary>
internal static class TempNames
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    public static string For(long number, string prefix = "$")
    {
        Span<char> text = stackalloc char[prefix.Length + 11];
        prefix.CopyTo(text);
        var length = prefix.Length;
        do
        {
            text[length++] = Alphabet[(int)(number & 63)];
            number >>= 6;
        }
        while (number > 0);
        return new string(text[..length]);
    }
}
