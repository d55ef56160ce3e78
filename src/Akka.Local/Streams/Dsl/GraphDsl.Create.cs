namespace Akka.Streams.Dsl;

public static partial class GraphDsl
{
    /// <summary>A graph without a materialized value.</summary>
    public static IGraph<TShape, NotUsed> Create<TShape>(Func<Builder<NotUsed>, TShape> buildBlock) where TShape : Shape =>
        Build(new Builder<NotUsed>(), buildBlock, static _ => NotUsed.Instance);

    /// <summary>A graph whose materialized value is the default of its type, for builders that must have that type.</summary>
    public static IGraph<TShape, TMat> CreateMaterialized<TShape, TMat>(Func<Builder<TMat>, TShape> buildBlock) where TShape : Shape =>
        Build(new Builder<TMat>(), buildBlock, static _ => default(TMat));

    private static GraphImpl<TShape, TMat> Build<TShape, TMat>(Builder<TMat> builder, Func<Builder<TMat>, TShape> buildBlock,
        Func<object?[], object?> combine) where TShape : Shape
    {
        var shape = buildBlock(builder);
        return new GraphImpl<TShape, TMat>(shape, builder.Build(shape, combine));
    }

    /// <summary>A graph around another, whose materialized value it has.</summary>
    public static IGraph<TShapeOut, TMat> Create<TShapeOut, TMat, TShape1>(IGraph<TShape1, TMat> g1,
        Func<Builder<TMat>, TShape1, TShapeOut> buildBlock) where TShapeOut : Shape where TShape1 : Shape
    {
        var builder = new Builder<TMat>();
        var shape1 = (TShape1)builder.AddPart(g1);
        return Build(builder, b => buildBlock(b, shape1), static values => values[0]);
    }

    /// <summary>A graph around 2 others, whose materialized values are combined.</summary>
    public static IGraph<TShapeOut, TMatOut> Create<TShapeOut, TMatOut, TMat0, TMat1, TShape0, TShape1>(
        IGraph<TShape0, TMat0> g0, IGraph<TShape1, TMat1> g1,
        Func<TMat0, TMat1, TMatOut> combineMaterializers, Func<Builder<TMatOut>, TShape0, TShape1, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape0 : Shape where TShape1 : Shape
    {
        var builder = new Builder<TMatOut>();
        var shape0 = (TShape0)builder.AddPart(g0);
        var shape1 = (TShape1)builder.AddPart(g1);
        return Build(builder, b => buildBlock(b, shape0, shape1),
            values => combineMaterializers((TMat0)values[0]!, (TMat1)values[1]!));
    }

    /// <summary>A graph around 3 others, whose materialized values are combined.</summary>
    public static IGraph<TShapeOut, TMatOut> Create<TShapeOut, TMatOut, TMat0, TMat1, TMat2, TShape0, TShape1, TShape2>(
        IGraph<TShape0, TMat0> g0, IGraph<TShape1, TMat1> g1, IGraph<TShape2, TMat2> g2,
        Func<TMat0, TMat1, TMat2, TMatOut> combineMaterializers, Func<Builder<TMatOut>, TShape0, TShape1, TShape2, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape0 : Shape where TShape1 : Shape where TShape2 : Shape
    {
        var builder = new Builder<TMatOut>();
        var shape0 = (TShape0)builder.AddPart(g0);
        var shape1 = (TShape1)builder.AddPart(g1);
        var shape2 = (TShape2)builder.AddPart(g2);
        return Build(builder, b => buildBlock(b, shape0, shape1, shape2),
            values => combineMaterializers((TMat0)values[0]!, (TMat1)values[1]!, (TMat2)values[2]!));
    }

    /// <summary>A graph around 4 others, whose materialized values are combined.</summary>
    public static IGraph<TShapeOut, TMatOut> Create<TShapeOut, TMatOut, TMat0, TMat1, TMat2, TMat3, TShape0, TShape1, TShape2, TShape3>(
        IGraph<TShape0, TMat0> g0, IGraph<TShape1, TMat1> g1, IGraph<TShape2, TMat2> g2, IGraph<TShape3, TMat3> g3,
        Func<TMat0, TMat1, TMat2, TMat3, TMatOut> combineMaterializers, Func<Builder<TMatOut>, TShape0, TShape1, TShape2, TShape3, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape0 : Shape where TShape1 : Shape where TShape2 : Shape where TShape3 : Shape
    {
        var builder = new Builder<TMatOut>();
        var shape0 = (TShape0)builder.AddPart(g0);
        var shape1 = (TShape1)builder.AddPart(g1);
        var shape2 = (TShape2)builder.AddPart(g2);
        var shape3 = (TShape3)builder.AddPart(g3);
        return Build(builder, b => buildBlock(b, shape0, shape1, shape2, shape3),
            values => combineMaterializers((TMat0)values[0]!, (TMat1)values[1]!, (TMat2)values[2]!, (TMat3)values[3]!));
    }

    /// <summary>A graph around 5 others, whose materialized values are combined.</summary>
    public static IGraph<TShapeOut, TMatOut> Create<TShapeOut, TMatOut, TMat0, TMat1, TMat2, TMat3, TMat4, TShape0, TShape1, TShape2, TShape3, TShape4>(
        IGraph<TShape0, TMat0> g0, IGraph<TShape1, TMat1> g1, IGraph<TShape2, TMat2> g2, IGraph<TShape3, TMat3> g3, IGraph<TShape4, TMat4> g4,
        Func<TMat0, TMat1, TMat2, TMat3, TMat4, TMatOut> combineMaterializers, Func<Builder<TMatOut>, TShape0, TShape1, TShape2, TShape3, TShape4, TShapeOut> buildBlock)
        where TShapeOut : Shape where TShape0 : Shape where TShape1 : Shape where TShape2 : Shape where TShape3 : Shape where TShape4 : Shape
    {
        var builder = new Builder<TMatOut>();
        var shape0 = (TShape0)builder.AddPart(g0);
        var shape1 = (TShape1)builder.AddPart(g1);
        var shape2 = (TShape2)builder.AddPart(g2);
        var shape3 = (TShape3)builder.AddPart(g3);
        var shape4 = (TShape4)builder.AddPart(g4);
        return Build(builder, b => buildBlock(b, shape0, shape1, shape2, shape3, shape4),
            values => combineMaterializers((TMat0)values[0]!, (TMat1)values[1]!, (TMat2)values[2]!, (TMat3)values[3]!, (TMat4)values[4]!));
    }
}
