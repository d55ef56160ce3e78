namespace ActorKube.ApiServer;

/// <summary>Which warnings reach a client, and how much of them.</summary>
internal static class WarningTexts
{
    private const int MostTogether = 4 * 1024;
    private const int MostOfOne = 256;

    /// <summary>
    /// Each once, without what a header cannot carry. Where they are more than 4096 characters together, each is cut to 256, and those that are too many then are left out.
    /// </summary>
    public static IEnumerable<string> Of(IEnumerable<string> warnings)
    {
        var told = warnings.Where(w => w.All(c => c is '\n' or '\r' || !char.IsControl(c))).Distinct().ToList();
        if (told.Sum(w => w.Length) <= MostTogether)
        {
            return told;
        }
        var left = MostTogether;
        return told.Select(w => w.Length > MostOfOne ? w[..MostOfOne] : w).TakeWhile(w => (left -= w.Length) >= 0);
    }
}
