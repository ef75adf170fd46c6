namespace Poc.Campaigns;

/// <summary>How far an analysis is.</summary>
/// <param name="Name">What it does now.</param>
/// <param name="Done">0 to 1.</param>
public readonly record struct AnalysisStep(string Name, double Done);
