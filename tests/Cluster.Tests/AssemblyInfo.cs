using Xunit.v3;

// One after the other: the kernel gives the number of a namespace that is gone to the next one, so that what one test has
// left could not be told from what another has made.
[assembly: Parallelization(MaxThreads = 1)]
