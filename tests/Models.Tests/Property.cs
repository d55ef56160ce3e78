using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests;

/// <summary>Checks that something holds for generated values: always the same ones, so that a failure comes back in the next run.</summary>
static class Property
{
    public static void Holds<T>(Gen<T> values, Action<T> assertion, int tests = 1000) =>
        Prop.ForAll(values.ToArbitrary(), assertion).Check(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(20261121UL, 4711UL));

    /// <summary>A text of this many characters out of an alphabet.</summary>
    public static Gen<string> Text(string alphabet, int shortest, int longest) =>
        from length in Gen.Choose(shortest, longest)
        from characters in Gen.Elements(alphabet.ToCharArray()).ArrayOf(length)
        select new string(characters);
}
