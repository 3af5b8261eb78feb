package ai.llmd.epp.adapter.latency;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Which servers are asked, and how.
 *
 * @param predictionServers at least one, without a path
 * @param trainingServer without a path
 * @param maxSampleSize rows that are sent to the training server at once
 * @param flushInterval between two of its calls
 * @param httpTimeout of each call
 * @param maxBulkSize rows of one request that are predicted; more are not
 * @param coalesceWindow how long rows of other requests are collected for one call; zero for none
 * @param maxCoalescedRows from how many rows on a call does not wait for more; 0 for any number
 * @param maxConcurrentDispatches calls for predictions at one time
 */
record PredictionSettings(
    List<URI> predictionServers,
    URI trainingServer,
    int maxSampleSize,
    Duration flushInterval,
    Duration httpTimeout,
    int maxBulkSize,
    Duration coalesceWindow,
    int maxCoalescedRows,
    int maxConcurrentDispatches) {}
