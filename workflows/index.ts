export { kitJourney } from './kit-journey.js';
export { orderJourney } from './order-journey.js';
