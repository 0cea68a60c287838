using Images.EndToEnd.Tests;
using Xunit.v3;

// Two tests at a time: an emulated machine with one processor keeps one core busy. Those of AloneGroup run by themselves afterwards.
[assembly: Parallelization(MaxThreads = 2)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
