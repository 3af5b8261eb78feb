/**
 * What users, clients and proxies of the field send: each kind as a test named after its folder.
 */
@NullMarked
package ai.llmd.epp.acceptance.cases;

import org.jspecify.annotations.NullMarked;
