/**
 * What end-to-end tests start, and what they ask it: simulated model servers, pickers from the
 * distribution, stores, and Envoy with the templates of {@code deploy/envoy}, the same ones the
 * quickstart uses. Every process has ports and a folder of its own.
 */
@NullMarked
package ai.llmd.epp.acceptance.stack;

import org.jspecify.annotations.NullMarked;
