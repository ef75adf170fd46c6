namespace Poc.Campaigns.Input;

/// <summary>A file that cannot be analysed: it is no table, lacks a column, or has a bad row although every row must be good.</summary>
public sealed class InputException(string message) : Exception(message);
