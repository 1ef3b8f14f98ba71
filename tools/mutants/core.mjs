// One file for jest, so that it loads the core once per mutant. The examples come first: what they notice never meets
// the properties, which take longest.
import '../../test/workflows/policy.test.js';
import '../../test/domain/states.test.js';
import '../../test/workflows/orders-to-send.test.js';
import '../../test/workflows/memory.test.js';
import '../../test/workflows/story.test.js';
import '../../test/workflows/people.test.js';
import '../../test/workflows/repairs.test.js';
import '../../test/workflows/attention.test.js';
import '../../test/workflows/asking.test.js';
import '../../test/workflows/outlook.test.js';
import '../../test/workflows/results.test.js';
import '../../test/workflows/clocks.test.js';
import '../../test/workflows/journeys.test.js';
import '../../test/workflows/bounces.test.js';
import '../../test/workflows/shown.test.js';
import '../../test/workflows/rehearse.test.js';
import '../../test/workflows/any-order.test.js';
