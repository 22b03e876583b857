#ifndef NUM_NUM_H
#define NUM_NUM_H

/*
 * Elementary functions with the same bits on every machine and with every compiler: only IEEE
 * 754 double + - x / and sqrt, no libm, no fused multiply-add (-ffp-contract=off), no tables
 * built at run time. The compiled agreement, whose digest two parties compare, stands on these.
 *
 * Error, measured by test/unit/test_num.c against long double libm: at most 1 ulp on the ranges
 * given, 1.5 for atan2, 8 for erf and for erfc past 2. Out of range arguments are a programming error and assert; callers check
 * user input.
 */
#define NUM_PI 3.14159265358979311600

double num_sqrt(double x);        /* x >= 0; correctly rounded */
double num_sqrt_digits(double x); /* the same by integers: for machines without the instruction */
double num_sin(double x);         /* |x| <= 1e6 */
double num_cos(double x);         /* |x| <= 1e6 */
void num_sincos(double x, double *ret_sin, double *ret_cos);
double num_atan2(double y, double x); /* finite; (0, 0) gives 0 */
#define NUM_EXP_MAX 700.0             /* e^-700 is nothing beside 1 */
double num_exp(double x);             /* |x| <= NUM_EXP_MAX */
double num_log(double x);             /* x > 0, normal */
double num_erf(double x);             /* finite */
double num_erfc(double x);            /* 1 - erf(x); finite; past 19 it is 0 */

double num_radians(double degrees);
double num_degrees(double radians);

#endif
